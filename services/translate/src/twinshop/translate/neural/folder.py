"""
Models on disk: `<source>-<target>/<version>/`, and `rollout.json`, which says which versions are in use.

A version is one folder that never changes once it is there. A rollout names one version for each pair, and, while a new
one is tried, a canary and the share of texts that it translates.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from twinshop.translate.engine import ModelsError, Pair

ROLLOUT = "rollout.json"
WEIGHTS = "model.bin"
"""Present in each version; the file that CTranslate2 looks for."""
TOKENIZERS = (("sentencepiece.model", "sentencepiece.model"), ("source.spm", "target.spm"))
"""Names of the SentencePiece models of source and target, as Argos and as OPUS-MT have them."""
_PAIR = re.compile(r"([a-z]{2})-([a-z]{2})")
_VERSION = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"

Version = Annotated[str, Field(pattern=f"^{_VERSION}$")]


class Canary(BaseModel):
    """A version on trial, and the share of the texts that it translates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Version
    share: float = Field(ge=0, le=1)


class InUse(BaseModel):
    """The versions of one pair that translate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Version
    canary: Canary | None = None

    @property
    def versions(self) -> tuple[str, ...]:
        return (self.version,) if self.canary is None else (self.version, self.canary.version)

    def chosen(self, text: str) -> str:
        """
        The version for a text: always the same one at the same share, in every process.

        A greater share keeps the texts that the canary has and adds others, because each text has a fixed place
        between 0 and 1.
        """
        if self.canary is None:
            return self.version
        digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
        place = int.from_bytes(digest, "big") / 2**64
        return self.canary.version if place < self.canary.share else self.version


Rollout = Mapping[Pair, InUse]
_FILE = TypeAdapter(dict[str, InUse])


def label(pair: Pair) -> str:
    """The name of a pair, and of its folder."""
    return "-".join(pair)


def pair_of(text: str) -> Pair:
    """The pair of a name such as `en-es`. Raises ModelsError."""
    found = _PAIR.fullmatch(text)
    if found is None:
        raise ModelsError(f"{text!r} is not a pair of languages: write it as en-es")
    return found[1], found[2]


def path_of(folder: Path, pair: Pair, version: str) -> Path:
    return folder / label(pair) / version


def versions(folder: Path) -> dict[Pair, list[str]]:
    """The versions of each pair; folders that begin with a dot, such as a half-fetched one, are passed over."""
    found: dict[Pair, list[str]] = {}
    for path in sorted(folder.glob("*-*")):
        if path.is_dir() and _PAIR.fullmatch(path.name):
            here = [each.name for each in sorted(path.iterdir()) if each.is_dir() and re.fullmatch(_VERSION, each.name)]
            if here:
                found[pair_of(path.name)] = here
    return found


def in_use(folder: Path) -> Rollout:
    """
    The versions in use, each of them there and complete as far as file names tell.

    A pair with one version needs no line in `rollout.json`. Raises ModelsError.
    """
    if not folder.is_dir():
        raise ModelsError(
            f"there is no folder of models at {folder}: fetch them with `make models`, or set TRANSLATE_MODELS"
        )
    present = versions(folder)
    chosen = {pair_of(name): each for name, each in _read(folder).items()}
    for pair, names in present.items():
        if pair not in chosen and len(names) > 1:
            raise ModelsError(
                f"{folder} has {len(names)} versions of {label(pair)}, and {ROLLOUT} does not say which is in use: run "
                f"`python -m twinshop.translate.models use {label(pair)} {names[0]}`"
            )
        chosen.setdefault(pair, InUse(version=names[0]))
    if not chosen:
        raise ModelsError(f"{folder} has no models in folders such as en-es/1: fetch them with `make models`")
    for pair, each in chosen.items():
        for version in each.versions:
            check(path_of(folder, pair, version))
    return chosen


def set_in_use(folder: Path, pair: Pair, use: InUse) -> None:
    """Put other versions of a pair to use: running translators follow within seconds. Raises ModelsError."""
    for version in use.versions:
        check(path_of(folder, pair, version))
    write_whole(
        folder / ROLLOUT,
        json.dumps({**_dumped(_read(folder)), **_dumped({label(pair): use})}, indent=2, sort_keys=True) + "\n",
    )


def check(path: Path) -> None:
    """Raise ModelsError unless the folder of a version has the files of a model."""
    if not path.is_dir():
        known = ", ".join(each.name for each in sorted(path.parent.glob("[!.]*"))) or "none"
        raise ModelsError(f"there is no model at {path} (versions here: {known}): fetch it with `make models`")
    if not (path / WEIGHTS).is_file():
        raise ModelsError(f"{path} has no {WEIGHTS}: delete the folder and run `make models` again")
    tokenizers(path)


def tokenizers(path: Path) -> tuple[Path, Path]:
    """The SentencePiece models of source and target. Raises ModelsError."""
    for names in TOKENIZERS:
        source, target = (path / name for name in names)
        if source.is_file() and target.is_file():
            return source, target
    wanted = " or ".join(" and ".join(dict.fromkeys(names)) for names in TOKENIZERS)
    raise ModelsError(f"{path} has no SentencePiece model ({wanted}): only models with one can be used")


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step: a reader sees the old or the new one."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def stamp(folder: Path) -> tuple[int, int] | None:
    """What changes whenever the rollout does; None without a file."""
    try:
        status = (folder / ROLLOUT).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _read(folder: Path) -> dict[str, InUse]:
    path = folder / ROLLOUT
    try:
        return _FILE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise ModelsError(
            f"{path} cannot be used: {reason}; correct it, or delete it and name the versions again"
        ) from error


def _dumped(rollout: Mapping[str, InUse]) -> dict[str, object]:
    return {name: each.model_dump(exclude_none=True) for name, each in rollout.items()}


def names(rollout: Rollout) -> dict[Pair, str]:
    """The name to show for each pair."""
    shown: dict[Pair, str] = {}
    for pair, each in rollout.items():
        shown[pair] = name(pair, each.version)
        if each.canary is not None:
            shown[pair] += f", {100 * each.canary.share:g} % {each.canary.version}"
    return shown


def name(pair: Pair, version: str) -> str:
    """The name of what translated a text."""
    return f"neural {label(pair)}/{version}"


def listing(folder: Path) -> Sequence[str]:
    """One line for each version: what it is, and what it is used for."""
    chosen = in_use(folder)
    lines: list[str] = []
    for pair, present in sorted(versions(folder).items()):
        use = chosen[pair]
        for version in present:
            role = "in use" if version == use.version else ""
            if use.canary is not None and version == use.canary.version:
                role = f"canary, {100 * use.canary.share:g} %"
            lines.append(f"{label(pair)}  {version:<16} {role}".rstrip())
    return lines
