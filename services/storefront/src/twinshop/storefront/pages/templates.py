"""The templates, and which texts each of them says."""

import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode
from zlib import crc32

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.ext import extract_from_ast
from jinja2.meta import find_referenced_templates

from twinshop.storefront.visitor import new_id

FOLDER = Path(str(files("twinshop.storefront")))
STATIC = FOLDER / "static"
TINTS = 6
"""Of the style sheet."""


@lru_cache(maxsize=512)  # there are about a hundred files; a visitor may name one in many ways
def digest_of(path: str) -> str:
    """Of the content of a static file that there is."""
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def static_url(path: str) -> str:
    """Where a static file is, with a digest of its content: it may be cached for ever, a new one has a new URL."""
    return f"/static/{path}?v={digest_of(path)}"


def picture_url(name: str) -> str:
    return static_url(f"pictures/{name}") if (STATIC / "pictures" / name).is_file() else static_url("no-picture.svg")


def url(base: str, **parameters: object) -> str:
    """A path with those parameters that say something."""
    said = {name: value for name, value in parameters.items() if value not in (None, "", 1, "featured")}
    return f"{base}?{urlencode(said)}" if said else base


def tint_of(sku: str) -> int:
    """The colour behind a product's picture: the same on every page, and mixed where products stand side by side."""
    kind, _, number = sku.partition("-")
    # products of one kind take turns; the shift is the one that mixes the first products of the shipped kinds best
    turn = int(number) if number.isascii() and number.isdigit() else crc32(number.encode())
    return ((crc32(kind.encode()) >> 4) + turn) % TINTS


class Templates:
    """Compiled on first use, each with the literal texts of itself and all that it includes."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            static=static_url, picture=picture_url, url=url, tint_of=tint_of, new_id=new_id
        )
        self._texts: dict[str, frozenset[str]] = {}

    def get(self, name: str) -> Template:
        return self._environment.get_template(name)

    def texts(self, name: str) -> frozenset[str]:
        """Every `_("…")` that rendering the template can say."""
        if name not in self._texts:
            self._texts[name] = self._extract(name, set())
        return self._texts[name]

    def names(self) -> list[str]:
        return self._environment.list_templates(extensions=["html"])

    def _extract(self, name: str, seen: set[str]) -> frozenset[str]:
        seen.add(name)
        assert self._environment.loader is not None
        source, _, _ = self._environment.loader.get_source(self._environment, name)
        tree = self._environment.parse(source)
        found = {text for _, _, text in extract_from_ast(tree, gettext_functions=("_",)) if isinstance(text, str)}
        for other in find_referenced_templates(tree):
            if other is not None and other not in seen:
                found |= self._extract(other, seen)
        return frozenset(found)
