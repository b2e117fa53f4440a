"""A shell in a virtual machine, at the other end of a serial line."""

import secrets
import shlex
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from twinshop.lab.errors import ProvisionError

ANSWER_SECONDS = 60.0


class SerialShell:
    """One command after the other. The line is opened with the first one."""

    def __init__(self, line: Path) -> None:
        self._line = line
        self._socket: socket.socket | None = None

    def run(self, command: str, seconds: float = ANSWER_SECONDS) -> str:
        """What it prints. Raises LabError: it failed, or did not answer within `seconds`."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(str(self._line))
        mark, end = secrets.token_hex(8), time.monotonic() + seconds
        try:
            self._socket.sendall(f"{command}\necho {mark} $?\n".encode())
            answer = self._until(f"{mark} ".encode(), end)
        except TimeoutError:
            raise ProvisionError(
                f"`{command[:60]}` in the virtual machine did not end within {seconds:.0f} s."
            ) from None
        printed, _, code = answer.partition(f"{mark} ")
        if code.strip() != "0":
            raise ProvisionError(f"`{command[:60]}` in the virtual machine ended with {code.strip()}: {printed}")
        return printed

    def run_program(self, words: Sequence[str]) -> str:
        return self.run(shlex.join(words))

    def _until(self, mark: bytes, end: float) -> str:
        """Everything up to the end of the line with the mark, by `time.monotonic`."""
        answer = b""
        while b"\n" not in answer.partition(mark)[2]:
            left = end - time.monotonic()
            if self._socket is None or left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            received = self._socket.recv(65536)
            if not received:
                raise ProvisionError("The virtual machine has closed its serial line.")
            answer += received
        return answer.decode(errors="replace")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
