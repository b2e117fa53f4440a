"""The faults that a process accepts, one class for each kind."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from twinshop.contracts.values import Value

LONGEST_SECONDS = 3600


class _Fault(Value):
    """
    Members of all faults.

    Attributes:
        component: the component whose port it affects.
        seconds: its duration; it then ends by itself, even if the client that injected it is dead.
        after_seconds: delay before it begins, to verify that all processes have it before any call is affected.
        persist: a restarted process has it again, because the fault is in the code and not in the state of a process.
    """

    component: str = Field(max_length=40)
    seconds: float = Field(gt=0, le=LONGEST_SECONDS)
    after_seconds: float = Field(default=0, ge=0, le=60)
    persist: bool = False


class CallFault(_Fault):
    """
    A fault that affects calls of the port.

    Attributes:
        operations: only these of the port; empty means all.
        ratio: the share of the calls that are affected.
        seed: decides which calls: the same in each process for the same seed, counted from the injection.
    """

    operations: tuple[str, ...] = Field(default=(), max_length=20)
    ratio: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0


class Latency(CallFault):
    """The call waits before it begins; the jitter is uniform, plus or minus."""

    kind: Literal["latency"]
    milliseconds: float = Field(gt=0, le=60_000)
    jitter: float = Field(default=0, ge=0, le=60_000)


class Errors(CallFault):
    """The call raises: `unavailable`, an error that callers handle; `bug`, an unhandled exception."""

    kind: Literal["errors"]
    raises: Literal["unavailable", "bug"] = "unavailable"


class Block(CallFault):
    """The call blocks the event loop, as a blocking driver does: it sleeps."""

    kind: Literal["block"]
    milliseconds: float = Field(gt=0, le=10_000)


class Burn(CallFault):
    """The call uses this amount of processor time on the event loop."""

    kind: Literal["burn"]
    milliseconds: float = Field(gt=0, le=10_000)


class Hang(CallFault):
    """The call waits until the fault ends."""

    kind: Literal["hang"]


class Crash(CallFault):
    """The call kills its process, as a segmentation fault does: before it begins, or once it has its result."""

    kind: Literal["crash"]
    when: Literal["before", "after"] = "before"


class Leak(CallFault):
    """The process holds memory, for each affected call or over time, and releases it when the fault ends."""

    kind: Literal["leak"]
    mib_per_call: float = Field(default=0, ge=0, le=256)
    mib_per_second: float = Field(default=0, ge=0, le=1024)
    up_to_mib: float = Field(default=1024, gt=0, le=16_384)

    @model_validator(mode="after")
    def _leaks(self) -> Self:
        if not (self.mib_per_call or self.mib_per_second):
            raise ValueError("mib_per_call or mib_per_second must be more than 0")
        return self


class Spin(_Fault):
    """Threads compute until the fault ends, with or without calls; each holds Python's lock in turn."""

    kind: Literal["spin"]
    threads: int = Field(default=1, ge=1, le=8)


class Skew(_Fault):
    """The clock of the component is ahead, or behind."""

    kind: Literal["skew"]
    by_seconds: float = Field(ge=-86_400, le=86_400)


Fault = Annotated[Latency | Errors | Block | Burn | Hang | Crash | Leak | Spin | Skew, Field(discriminator="kind")]


class Injection(Value):
    """A fault that is active, or about to be. A component has at most one of a kind."""

    id: str
    fault: Fault
    injected_at: AwareDatetime
    begins_at: AwareDatetime
    ends_at: AwareDatetime
