"""
Models from the internet: packages of Argos Translate, which are a CTranslate2 and a SentencePiece model in a ZIP file.

`sources.json` names each package with its checksum, so that any server can be trusted with it. A
version appears in the folder of models whole or not at all; a download that broke off goes on where it stopped.
"""

import hashlib
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import Annotated
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from twinshop.translate.engine import ModelsError
from twinshop.translate.neural import folder
from twinshop.translate.neural.folder import InUse, Version

SOURCES = Path(__file__).with_name("sources.json")
TIMEOUT_SECONDS = 30
"""Without any byte; the whole may take as long as it takes."""
CHUNK = 2**20
MAX_BYTES = 2**30
"""Of an unpacked model: a package that claims more is none."""
_AGENT = "Mozilla/5.0 (compatible; twinshop)"  # one of the servers refuses the name of Python's client
_BESIDE = frozenset({"sentencepiece.model", "metadata.json", "README.md"})
_OFFLINE = (
    "without the internet copy a folder of models from another machine, or make a toy: "
    "`python -m twinshop.translate.models demo`"
)

Say = Callable[[str], None]


class Source(BaseModel):
    """One package: where it is, and how to recognise it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pair: Annotated[str, Field(pattern="^[a-z]{2}-[a-z]{2}$")]
    version: Version
    urls: Annotated[tuple[str, ...], Field(min_length=1)]
    bytes: int | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    licence: str


_SOURCES = TypeAdapter(tuple[Source, ...])


def sources(path: Path = SOURCES) -> tuple[Source, ...]:
    """The packages that a file names. Raises ModelsError."""
    try:
        return _SOURCES.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ModelsError(f"{path} is not a list of packages: {error}") from error


def fetch(source: Source, place: Path, say: Say) -> Path:
    """
    Bring a package into a folder of models, unless it is there; the folder of its version.

    The first version of a pair is put to use, a later one is not: that is a rollout of its own. Raises ModelsError.
    """
    pair = folder.pair_of(source.pair)
    path = folder.path_of(place, pair, source.version)
    if path.is_dir():
        folder.check(path)
        say(f"{source.pair}/{source.version} is there")
        return path
    if source.sha256 is None:
        raise ModelsError(
            f"no checksum is known for {source.pair}/{source.version}: get one on a connection that you trust "
            f"(curl -L {source.urls[0]} | sha256sum) and give it with --sha256"
        )
    archive = _download(source, place / ".downloads", say)
    known = pair in folder.versions(place) if place.is_dir() else False
    _unpack(archive, path, source)
    archive.unlink()
    if not known:
        folder.set_in_use(place, pair, InUse(version=source.version))
    say(f"{source.pair}/{source.version} is in {path}; its licence: {source.licence}")
    return path


def _download(source: Source, place: Path, say: Say) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    part = place / f"{source.pair}-{source.version}.part"
    failures: list[str] = []
    for url in source.urls:
        try:
            _fill(part, url, source, say)
        except (OSError, HTTPException, ValueError) as error:
            failures.append(f"{url}: {getattr(error, 'reason', None) or error}")
            continue
        found = _sha256(part)
        if found == source.sha256:
            return part
        part.unlink()
        failures.append(
            f"{url}: the checksum is {found[:12]}…, not {str(source.sha256)[:12]}…, and the file was deleted"
        )
    raise ModelsError(f"cannot fetch {source.pair}: {'; '.join(failures)}. Try again later; {_OFFLINE}")


def _fill(part: Path, url: str, source: Source, say: Say) -> None:
    """Write what the file lacks."""
    here = part.stat().st_size if part.exists() else 0
    if source.bytes is not None and here >= source.bytes:
        return
    headers = {"User-Agent": _AGENT, **({"Range": f"bytes={here}-"} if here else {})}
    try:
        answer = urlopen(Request(url, headers=headers), timeout=TIMEOUT_SECONDS)  # noqa: S310 - from our own list
    except HTTPError as error:
        with error:
            if here and error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # it was whole
            raise
    with answer, part.open("ab" if answer.status == HTTPStatus.PARTIAL_CONTENT else "wb") as file:
        begun = f", from byte {here:,} on" if answer.status == HTTPStatus.PARTIAL_CONTENT else ""
        say(f"{source.pair}: {url}{begun}")
        while chunk := answer.read(CHUNK):
            file.write(chunk)
    if source.bytes is not None and part.stat().st_size < source.bytes:
        raise OSError("the connection broke off; the next try goes on from here")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(archive: Path, path: Path, source: Source) -> None:
    """The files of a model, flat, in one step. Names in the archive choose no place: only their last part is used."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    fresh.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as package:
            for member in _members(package):
                with package.open(member) as packed, (fresh / PurePosixPath(member.filename).name).open("xb") as file:
                    shutil.copyfileobj(packed, file)
                    file.flush()
                    os.fsync(file.fileno())
        folder.check(fresh)
        origin = source.model_dump(include={"urls", "sha256", "licence"})
        (fresh / "origin.json").write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")
        fresh.rename(path)
    except (zipfile.BadZipFile, FileExistsError, NotImplementedError, RuntimeError) as error:
        raise ModelsError(f"{source.urls[0]} is not an Argos package: {error}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _members(package: zipfile.ZipFile) -> Sequence[zipfile.ZipInfo]:
    """`<package>/model/*`, and what belongs to it beside that folder."""
    found = [
        member
        for member in package.infolist()
        if not member.is_dir()
        and (PurePosixPath(member.filename).parent.name == "model" or PurePosixPath(member.filename).name in _BESIDE)
    ]
    if sum(member.file_size for member in found) > MAX_BYTES:
        raise zipfile.BadZipFile("its files are larger than any model")
    return found
