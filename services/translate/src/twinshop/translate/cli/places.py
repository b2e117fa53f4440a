"""Where texts are read from and written to: a path, `-`, or a URL such as `s3://bucket/file`."""

import contextlib
import os
import re
import secrets
import stat
import sys
from pathlib import Path
from typing import Any

STANDARD = "-"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class PlaceError(Exception):
    """A place that cannot be read or written; the message says which and why."""


def read_text(place: str) -> str:
    """The whole text of a place, in UTF-8."""
    try:
        if place == STANDARD:
            content = sys.stdin.buffer.read()
        elif _URL.match(place):
            content = _read_url(place)
        else:
            content = Path(place).read_bytes()
        return content.decode()
    except UnicodeDecodeError as error:
        raise PlaceError(f"{place} is not text in UTF-8") from error
    except OSError as error:
        raise PlaceError(f"cannot read {place}: {error.strerror or error}") from error


def write_text(place: str, text: str) -> None:
    """Write the whole text, or leave the place as it was."""
    try:
        if place == STANDARD:
            sys.stdout.buffer.write(text.encode())
            sys.stdout.buffer.flush()
        elif _URL.match(place):
            _write_url(place, text.encode())
        else:
            _write_file(Path(place), text.encode())
    except BrokenPipeError:
        raise  # the reader of standard output has closed it
    except OSError as error:
        raise PlaceError(f"cannot write {place}: {error.strerror or error}") from error


def _write_file(path: Path, content: bytes) -> None:
    """By way of a new file beside it: at every moment there is the old one or the whole new one."""
    mode = path.stat().st_mode if path.exists() else None
    if mode is not None and not stat.S_ISREG(mode):
        path.write_bytes(content)  # a device or a pipe has no other version of itself
        return
    path = path.resolve()  # a link stays one
    fresh = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            fresh.chmod(stat.S_IMODE(mode))
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _read_url(url: str) -> bytes:
    files, path = _file_system(url)
    try:
        return bytes(files.cat_file(path))
    except Exception as error:
        raise PlaceError(f"cannot read {url}: {_reason(error)}") from error


def _write_url(url: str, content: bytes) -> None:
    """In one request: object stores show a new object only when it is whole."""
    files, path = _file_system(url)
    try:
        files.pipe_file(path, content)
    except Exception as error:
        raise PlaceError(f"cannot write {url}: {_reason(error)}") from error


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path on it; its library is imported only now."""
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra

        files, path = url_to_fs(url)
    except ImportError as error:
        needed = "twinshop-translate[cloud], which `make install` puts into .venv"
        raise PlaceError(f"{url} needs the extra `cloud` ({needed}): {error}") from error
    except Exception as error:
        raise PlaceError(f"cannot use {url}: {_reason(error)}") from error
    return files, path


def _reason(error: Exception) -> str:
    """These libraries raise anything, some of it without a message."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")
