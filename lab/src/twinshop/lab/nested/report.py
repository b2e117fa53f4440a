"""The result of `twinshop nested` as text."""

from typing import Any

from twinshop.lab.nested.measure import CONTAINER, HOST, MACHINE
from twinshop.lab.terminal import table

MIB = 2**20
WIDTH = 60


def text(result: dict[str, Any]) -> str:
    """Who sees which processes, `docker ps` in the machine, and what each layer costs."""
    return "\n".join([_seen(result), "", _engine(result), "", _costs(result)])


def _seen(result: dict[str, Any]) -> str:
    seen = result["seen"]
    rows = [(where, seen[where]["kernel"], str(seen[where]["processes"])) for where in (HOST, MACHINE, CONTAINER)]
    lines = [table("Kernels and processes", ("seen from", "kernel", "processes"), rows)]
    for where in (HOST, MACHINE, CONTAINER):
        lines += ["", f"Programs in the {where}:" if where != HOST else "The machine, as the host lists it:"]
        programs = seen[where]["programs"].items()
        lines += [f"  {pid:>7}  {words[:WIDTH]}" for pid, words in sorted(programs, key=lambda each: int(each[0]))]
    return "\n".join(lines)


def _engine(result: dict[str, Any]) -> str:
    return f"`docker ps` in the virtual machine (engine {result['engine']}):\n{result['docker_ps'].strip()}"


def _costs(result: dict[str, Any]) -> str:
    rows = [("container here, to its end", f"{result['here_seconds']:.1f}", "-", "-")]
    rows += [
        (each["name"], f"{each['seconds']:.1f}", _mib(each["host_memory_bytes"]), _mib(each["guest_memory_bytes"]))
        for each in result["layers"]
    ]
    header = ("layer", "seconds", "memory of the host after it, MiB", "used in the machine, MiB")
    emulated = result["accelerator"] == "tcg"
    note = f"\nThe processor was emulated ({result['accelerator_why']}): times do not count." if emulated else ""
    return table("What each layer costs", header, rows) + note


def _mib(bytes_: int) -> str:
    return f"{bytes_ / MIB:.0f}"
