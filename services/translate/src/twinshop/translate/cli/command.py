"""Arguments, messages and exit codes."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pydantic import ValidationError

from twinshop.contracts.errors import Invalid, ShopError
from twinshop.translate.cli import lines, places
from twinshop.translate.cli.remote import Portions, UrlTranslator
from twinshop.translate.engine import ModelsError
from twinshop.translate.settings import TranslateSettings
from twinshop.translate.wiring import assemble

DONE, UNTRANSLATED, USAGE, INTERRUPTED = 0, 1, 2, 130
PATIENCE_SECONDS = 60.0
"""For the machine to translate one portion: no page waits for it here."""
_EPILOG = "exit codes: 0 everything was translated; 1 something was not and stays in the original, or the "
"service does not answer; 2 wrong usage, or a file cannot be read or written"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    given = _parser().parse_args(arguments)
    try:
        return _run(given)
    except (places.PlaceError, ModelsError, Invalid) as error:
        return _fail(error, USAGE)
    except ValidationError as error:
        return _fail("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()), USAGE)
    except ShopError as error:
        return _fail(error, UNTRANSLATED)
    except BrokenPipeError:
        # The reader of the output has gone. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNTRANSLATED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "translate",
        description=(
            "Translate a text or a file with the shop's translation memory, and otherwise by machine translation."
        ),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("-t", "--text", help="the text to translate")
    what.add_argument("-i", "--input", metavar="FILE", help="a text file: a path, - (standard input), s3://… or gs://…")
    what.add_argument("--languages", action="store_true", help="list what can be translated")
    parser.add_argument("-s", "--source", default="en", metavar="CODE", help="language of the text (default: en)")
    parser.add_argument("-d", "--destination", metavar="CODE", help="language to translate to")
    parser.add_argument("-o", "--output", metavar="FILE", default=places.STANDARD, help="where to write (default: -)")
    parser.add_argument(
        "--url", help="use the translate service at this address instead of translating in this process"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="report on standard error what translated the text"
    )
    return parser


def _run(given: argparse.Namespace) -> int:
    if given.languages:
        places.write_text(given.output, asyncio.run(_languages(given.url)))
        return DONE
    if given.destination is None:
        raise Invalid("-d is required: give the target language, such as -d es")
    text = lines.without_marks(given.text if given.input is None else places.read_text(given.input))
    outcome = asyncio.run(_translate(given.url, text, given.source, given.destination))
    ended = given.input is None and given.output == places.STANDARD
    places.write_text(given.output, outcome.text + ("\n" if ended else ""))
    if given.verbose:
        for origin, count in outcome.origins.most_common():
            _say(f"{origin}: {_lines(count)}")
    if outcome.untranslated:
        _say(f"{_lines(outcome.untranslated)} could not be translated and stayed as in the original")
        return UNTRANSLATED
    return DONE


async def _translate(url: str | None, text: str, source: str, target: str) -> lines.Outcome:
    async with _translator(url) as translator:
        return await lines.translate_text(translator, text, source, target)


async def _languages(url: str | None) -> str:
    async with _translator(url) as translator:
        return lines.table(await translator.pairs())


@asynccontextmanager
async def _translator(url: str | None) -> AsyncIterator[Portions]:
    if url is not None:
        yield UrlTranslator(url)
        return
    settings = TranslateSettings()
    patient = max(settings.engine_seconds, PATIENCE_SECONDS)
    service = assemble(settings.model_copy(update={"engine_seconds": patient}))
    try:
        await service.start()
        await service.loaded()
        yield service
    finally:
        await service.close()


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def _say(message: object) -> None:
    print(f"translate: {message}", file=sys.stderr)  # noqa: T201 - this is a command


def _fail(message: object, code: int) -> int:
    _say(message)
    return code
