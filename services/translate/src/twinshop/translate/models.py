"""
The operator's command for neural models: `python -m twinshop.translate.models`.

Its folder is TRANSLATE_MODELS, or else `models` in the current folder. Running translators follow `use` and `canary`
within seconds.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from twinshop.translate import memory
from twinshop.translate.engine import ModelsError
from twinshop.translate.neural import compare, demo, fetch, folder
from twinshop.translate.neural.folder import Canary, InUse
from twinshop.translate.settings import MEMORY

DONE, FAILED = 0, 2
PINNED = ("es", "fr", "de")
"""Target languages of which a package's checksum is known."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except ModelsError as error:
        print(f"models: {error}", file=sys.stderr)  # noqa: T201 - this is a command
        return FAILED
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m twinshop.translate.models",
        description="Fetch neural models, compare their versions, and choose which are in use.",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(os.environ.get("TRANSLATE_MODELS") or "models"),
        help="the folder of models (default: TRANSLATE_MODELS, or models)",
    )
    verbs = parser.add_subparsers(required=True, metavar="command")

    verb = verbs.add_parser("fetch", help="fetch models from English; a model that is there is not fetched again")
    verb.add_argument("languages", nargs="*", default=PINNED, help=f"target languages (default: {' '.join(PINNED)})")
    verb.add_argument("--sha256", help="the checksum of the package, for one of which none is known")
    verb.add_argument("--sources", type=Path, default=fetch.SOURCES, help="another list of packages (JSON)")
    verb.set_defaults(run=_fetch)

    verb = verbs.add_parser("demo", help="make a toy model in two versions, without the internet")
    verb.add_argument(
        "--size",
        choices=tuple(demo.SIZES),
        default="small",
        help="small: 2 MB (default); base: the shape of a real model, 80 MB",
    )
    verb.set_defaults(run=_demo)

    verb = verbs.add_parser("list", help="list the versions and what they are used for")
    verb.set_defaults(run=_list)

    verb = verbs.add_parser("use", help="put a version to use for all texts: roll out, or roll back")
    verb.add_argument("pair", help="such as en-es")
    verb.add_argument("version")
    verb.set_defaults(run=_use)

    verb = verbs.add_parser("canary", help="let a version translate a share of the texts")
    verb.add_argument("pair", help="such as en-es")
    verb.add_argument("version")
    verb.add_argument("--percent", type=float, default=10.0, help="share of the texts (default: 10)")
    verb.set_defaults(run=_canary)

    verb = verbs.add_parser("compare", help="translate the same texts by two versions and print what differs")
    verb.add_argument("pair", help="such as en-es")
    verb.add_argument("old", help="a version")
    verb.add_argument("new", help="another version")
    verb.add_argument(
        "--texts", type=Path, help="a file of texts, one a line (default: those of the translation memory)"
    )
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(run=_compare)
    return parser


def _fetch(given: argparse.Namespace) -> None:
    known = {source.pair: source for source in fetch.sources(given.sources)}
    if given.sha256 and len(given.languages) != 1:
        raise ModelsError("--sha256 belongs to one language: name it")
    for language in given.languages:
        source = known.get(f"en-{language}")
        if source is None:
            raise ModelsError(f"no model from English to {language!r} is listed; known: {', '.join(sorted(known))}")
        if given.sha256:
            source = source.model_copy(update={"sha256": given.sha256.lower()})
        fetch.fetch(source, given.folder, _say)


def _demo(given: argparse.Namespace) -> None:
    for version in demo.VERSIONS:
        _say(f"{demo.make(given.folder, version, demo.SIZES[given.size])}: a toy, whose words have no value")
    folder.set_in_use(given.folder, demo.PAIR, InUse(version=next(iter(demo.VERSIONS))))


def _list(given: argparse.Namespace) -> None:
    for line in folder.listing(given.folder):
        _say(line)


def _use(given: argparse.Namespace) -> None:
    folder.set_in_use(given.folder, folder.pair_of(given.pair), InUse(version=given.version))
    _say(f"{given.pair}: {given.version} translates all texts")


def _canary(given: argparse.Namespace) -> None:
    pair = folder.pair_of(given.pair)
    if not 0 <= given.percent <= 100:  # noqa: PLR2004
        raise ModelsError(f"{given.percent:g} is no share: write a number of percent from 0 to 100")
    use = folder.in_use(given.folder).get(pair)
    if use is None:
        raise ModelsError(f"{given.folder} has no model for {given.pair}")
    if given.version == use.version:
        raise ModelsError(f"{given.version} translates already: a canary is another version")
    canary = Canary(version=given.version, share=given.percent / 100)
    folder.set_in_use(given.folder, pair, InUse(version=use.version, canary=canary))
    _say(f"{given.pair}: {given.version} translates {given.percent:g} % of the texts, {use.version} the others")


def _compare(given: argparse.Namespace) -> None:
    pair = folder.pair_of(given.pair)
    known = memory.load(MEMORY)
    if given.texts is None:
        texts = known.texts(*pair)
    else:
        try:
            texts = [line for line in given.texts.read_text(encoding="utf-8").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise ModelsError(f"cannot read {given.texts}: {error}") from error
    compared = compare.compare(given.folder, pair, given.old, given.new, texts, known)
    if given.json:
        _say(json.dumps([asdict(each) for each in compared], ensure_ascii=False, indent=2))
        return
    for line in compare.report(compared, given.old, given.new):
        _say(line)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    sys.exit(main())
