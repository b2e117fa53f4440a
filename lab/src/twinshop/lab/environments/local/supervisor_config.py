"""The configuration file of supervisord for a set of programs."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from twinshop.lab.environments.local.programs import Program
from twinshop.lab.errors import ProvisionError

STOP_SECONDS = 25
"""Longer than the services give to requests under way after SIGTERM (`TWINSHOP_STOP_SECONDS`)."""

MISREAD = r"\s[;#]|\n|%(?!\(ENV_\w+\)s)"
"""Comments, new lines, and any percent sign but that of a reference to the environment."""


def config(programs: Sequence[Program], state: Path, socket: Path) -> str:
    """The files of supervisord go to the folder `state`, all but its socket: the path of a socket must be short."""
    logs = state / "logs"
    sections = [
        _section("unix_http_server", file=_plain(socket), chmod="0600"),
        _section(
            "supervisord",
            logfile=_plain(logs / "supervisord.log"),
            logfile_maxbytes="5MB",
            logfile_backups="1",
            pidfile=_plain(state / "supervisord.pid"),
            childlogdir=_plain(logs),
        ),
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n",
    ]
    sections += [_program(program, state) for program in programs]
    return "\n".join(sections)


def _program(program: Program, state: Path) -> str:
    return _section(
        f"program:{program.name}",
        command=_plain(shlex.join(program.command)),
        environment=",".join(f"{name}={_quoted(value)}" for name, value in program.environment.items()),
        directory=_plain(state),
        priority="1" if program.first else "10",
        autostart="true",
        autorestart="true",
        startsecs="2",  # to die earlier counts as a failed start; each one waits a second longer for the next
        startretries="3",
        stopsignal="TERM",
        stopwaitsecs=str(STOP_SECONDS),
        stopasgroup="false",  # a server with workers tells them itself, and waits for them
        killasgroup="true",  # but none of them survives it
        redirect_stderr="true",
        stdout_logfile=_plain(state / "logs" / f"{program.name}.log"),
        stdout_logfile_maxbytes="5MB",
        stdout_logfile_backups="3",
    )


def _section(title: str, **options: str) -> str:
    return f"[{title}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items() if value)


def _quoted(value: str) -> str:
    inside = _plain(value, trouble=MISREAD + r'|"')
    return f'"{inside}"'


def _plain(value: object, trouble: str = MISREAD) -> str:
    """
    The value, if supervisord will read it as it is.

    There is no escape for comments, and none for the percent sign that holds everywhere: supervisord replaces
    references once in some options and twice in others.
    """
    text = str(value)
    if re.search(trouble, text):
        raise ProvisionError(
            f"supervisord would misread {text}: move the working copy to a folder whose path has no special characters."
        )
    return text
