"""The folder `.run` of the repository: everything that a shop leaves on the disk."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from twinshop.lab.errors import ProvisionError, UsageError

LEAST_FREE_MIB = 200
MADE_ONCE = ("TWINSHOP_DB_PASSWORD", "TWINSHOP_OWNER_PASSWORD", "TWINSHOP_CALL_KEY")
"""Secrets of the containers, by the variables that Compose reads."""


def repository() -> Path:
    """The root of the checkout, seen from where the command was called."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "uv.lock").is_file() and (folder / "lab").is_dir():
            return folder
    raise UsageError(f"{here} is not inside a working copy of Twinshop.")


def folder(root: Path, name: str) -> Path:
    """`.run/<name>`, made if needed; only this user may read what is in there."""
    base = root / ".run"
    try:
        base.mkdir(exist_ok=True)
        base.chmod(0o700)
        (base / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProvisionError(f"Cannot write to {base}: {error.strerror}.") from error
    return base / name


def require_space(root: Path) -> None:
    free = shutil.disk_usage(root).free // 2**20
    if free < LEAST_FREE_MIB:
        raise ProvisionError(f"The disk is full: {free} MiB free at {root}, the shop needs {LEAST_FREE_MIB} MiB.")


def keep_secret(path: Path, text: str) -> str:
    """What the file says; `text` is put there first if there is no such file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    return text


def new_secret() -> str:
    return secrets.token_hex(32)


def shop_secret(root: Path) -> str:
    """
    The one key that signs the visitors' cookies of all shops of this checkout.

    Browsers send the cookies of a host to each of its ports, so a shop beside this one must be able to read them: it
    keeps a cart of its own under the same id. With a key of its own it would give the visitor a new identity, and the
    other shop's cart would be lost.
    """
    base, before = folder(root, "."), ""
    with suppress(FileNotFoundError):  # an earlier version kept that of the containers there
        text = (base / "docker.env").read_text(encoding="utf-8")
        before = next((line.partition("=")[2] for line in text.splitlines() if line.startswith("TWINSHOP_SECRET=")), "")
    return keep_secret(base / "secret", before or new_secret())


def docker_env(root: Path) -> Path:
    """
    The file with the secrets of the containers, for `docker compose --env-file` as well.

    The passwords of the databases and of Redis and the key of the components are made once; a start of a store sets its
    passwords, whatever they were before.
    """
    file, secret = folder(root, ".") / "docker.env", shop_secret(root)
    line = f"TWINSHOP_SECRET={secret}"
    kept = keep_secret(file, "\n".join([line, *(f"{name}={new_secret()}" for name in MADE_ONCE)])).splitlines()
    others = [each for each in kept if not each.startswith("TWINSHOP_SECRET=")]
    named = {each.partition("=")[0] for each in others}
    others += [f"{name}={new_secret()}" for name in MADE_ONCE if name not in named]  # an earlier version made fewer
    if [line, *others] != kept:
        file.write_text("\n".join([line, *others]) + "\n", encoding="utf-8")
    return file


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one command at a time start or stop a shop; the next one waits."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
