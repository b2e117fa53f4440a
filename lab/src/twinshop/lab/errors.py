"""
The errors of the lab: what may go wrong for a person, each with the exit code of the command that it ends.

    LabError              1  what was asked for was done, and something is wrong
    ├── UsageError        2  the command or an option cannot be meant so
    ├── ProvisionError    3  the environment could not be made, or is not there
    ├── Unsupported       3  this runtime cannot do it
    ├── FaultError        1  a fault could not be injected or reverted
    ├── LoadError         1  the load came to no result
    └── InvariantError    1  the shop's promises could not be checked

A message says what happened and what to do next; it may have several lines. `__main__` prints it and returns the code;
130 means interrupted.
"""

from typing import ClassVar


class LabError(Exception):
    """Base of all errors that are printed without a traceback."""

    exit_code: ClassVar[int] = 1


class UsageError(LabError):
    """Wrong usage: the command, an option, or a file that it names is invalid."""

    exit_code = 2


class ProvisionError(LabError):
    """The environment could not be created, does not exist, or does not become ready."""

    exit_code = 3


class Unsupported(LabError):
    """This runtime cannot do it, with the reason. The report lists it; nothing is faked."""

    exit_code = 3


class FaultError(LabError):
    """A fault could not be injected or reverted."""


class LoadError(LabError):
    """The load has no result."""


class InvariantError(LabError):
    """The invariants could not be checked."""
