"""
The templates, one environment for each language, and which words of the interface each of them says.

What does not change between pages is worked out when a template is compiled: calls with constant arguments of the
functions in `CONSTANT`, of the language's words and of `constant` become the text that they give. A product's card is
rendered once for the same content: a page still shows what the components have just answered, because all that the card
says is the key.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import extract_from_ast
from jinja2.meta import find_referenced_templates
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from twinshop.contracts.catalog import Product
from twinshop.contracts.values import Money
from twinshop.kit.collation import places
from twinshop.storefront import formats
from twinshop.storefront.ids import new_id
from twinshop.storefront.interface import interface
from twinshop.storefront.language import Words
from twinshop.storefront.languages import LANGUAGES, SOURCE

FOLDER = Path(str(files("twinshop.storefront")))
STATIC = FOLDER / "static"
TINTS = 6
"""Of the style sheet."""
_HOLE = "\0"
"""Stands where a card differs from page to page: no text has this character, because the databases refuse it."""
PLENTY = 6
"""Pieces from which on a page does not say how many are left."""
CARDS = 2048
"""Product cards kept in one language, of a kilobyte each: more than the products that most visitors look at."""


@lru_cache(maxsize=512)  # there are about a hundred files; a visitor may name one in many ways
def digest_of(path: str) -> str:
    """Of the content of a static file that there is."""
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def static_url(path: str) -> str:
    """Where a static file is, with a digest of its content: it may be cached for ever, a new one has a new URL."""
    return f"/static/{path}?v={digest_of(path)}"


@lru_cache(maxsize=4096)
def picture_url(name: str) -> str:
    """Where a product's picture is; pictures are part of the package and do not change while the process runs."""
    return static_url(f"pictures/{name}") if (STATIC / "pictures" / name).is_file() else static_url("no-picture.svg")


@lru_cache(maxsize=1024)
def url(base: str, **parameters: object) -> str:
    """A path with those parameters that say something."""
    said = {name: value for name, value in parameters.items() if value not in (None, "", 1, "featured")}
    return f"{base}?{urlencode(said)}" if said else base


def icon(name: str) -> Markup:
    """A picture of the sprite, for the eyes alone."""
    address = f"{static_url('icons.svg')}#{name}"
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>').format(address)


def spoken(language: str, words: Words, text: str) -> Markup | str:
    """For the element that shows a text of the catalogue: its language, if it is not that of the page."""
    return _lang(language, words.language_of(text))


def _lang(language: str, shown: str) -> Markup | str:
    return "" if shown == language else Markup(' lang="{}"').format(shown)


def by_name(language: str, words: Callable[[str], str], items: Iterable[Any]) -> list[Any]:
    """Things that have a `name`, in the order of the names that are shown."""
    named = [(words(item["name"] if isinstance(item, dict) else item.name), item) for item in items]
    place = _places(tuple(name for name, _ in named), language)
    return [item for _, item in sorted(named, key=lambda each: place[each[0]])]


@lru_cache(maxsize=256)
def _places(names: tuple[str, ...], language: str) -> Mapping[str, int]:
    return places(names, language)


@lru_cache(maxsize=4096)
def tint_of(sku: str) -> int:
    """The colour behind a product's picture: the same on every page, and mixed where products stand side by side."""
    kind, _, number = sku.partition("-")
    # products of one kind take turns; the shift is the one that mixes the first products of the shipped kinds best
    turn = int(number) if number.isascii() and number.isdigit() else crc32(number.encode())
    return ((crc32(kind.encode()) >> 4) + turn) % TINTS


CONSTANT: Mapping[str, Callable[..., str]] = {"static": static_url, "icon": icon}
"""Give the same for the same arguments for as long as the process runs."""


class _Folded(NodeTransformer):
    """Puts the result in the place of a call whose function and arguments never change."""

    def __init__(self, functions: Mapping[str, Callable[..., str]]) -> None:
        self._functions = functions

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name for it
        self.generic_visit(call)
        function = self._functions.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        if function is None or call.kwargs or not all(isinstance(argument, nodes.Const) for argument in call.args):
            return call
        values = [argument.value for argument in call.args if isinstance(argument, nodes.Const)]
        return nodes.Const(function(*values), lineno=call.lineno)


class _DirectCalls(CodeGenerator):
    """
    Compiles a call into Python's own.

    Jinja's goes through `Context.call`, which serves sandboxes, functions that ask for the context, and loops with
    `caller`: a third of a page's time, for functions of which none is any of that.
    """

    def visit_Call(self, node: nodes.Call, frame: Frame, *, forward_caller: bool = False) -> None:  # type: ignore[override] # noqa: N802
        """See the base class."""
        if forward_caller or node.dyn_args is not None or node.dyn_kwargs is not None:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")


class _Environment(Environment):
    """Of the pages in one language."""

    code_generator_class = _DirectCalls

    def __init__(self, language: str) -> None:
        self._language = language
        super().__init__(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        words = interface(language)
        self._templates: dict[str, Template] = {}
        self._card = lru_cache(CARDS)(self._card_of)
        self._constant = {**CONSTANT, "_": words.say, "constant": self._rendered}
        self.globals.update(
            self._constant,
            ngettext=words.count,
            money=partial(formats.money, language),
            number=partial(formats.number, language),
            when=partial(formats.moment, language),
            spoken=partial(spoken, language),
            by_name=partial(by_name, language),
            lang=language,
            languages=[{"code": code, "name": each.name} for code, each in LANGUAGES.items()],
            product_card=self._product_card,
            picture=picture_url,
            plenty=PLENTY,
            url=url,
            tint_of=tint_of,
            new_id=new_id,
        )

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """Without asking the loader about a template that is there: a page is made of up to eight."""
        found = self._templates.get(str(name))
        if found is None:
            found = self._templates[str(name)] = super().get_template(name, parent, globals)
        return found

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dictionary: these never change, and each context asks for all of them."""
        return {**self.globals, **(d or {})}

    def _product_card(self, words: Words, here: str, product: Product, level: int = 3) -> Markup:
        """The card of a product on the page at `here`."""
        name = product.name
        said, stock = words(name), min(product.available, PLENTY)
        spoken_in = words.language_of(name)
        card = self._card(product.sku, product.picture, product.price, stock, said, spoken_in, level)
        if len(card) == 1:
            return card[0]
        before, between, after = card
        return Markup(f"{before}{new_id()}{between}{escape(here)}{after}")  # noqa: S704 - all of it is escaped

    def _card_of(
        self, sku: str, file: str, price: Money, available: int, name: str, spoken_in: str, level: int
    ) -> tuple[Markup, ...]:
        """The parts of a card, between which the values of this page go; a single one if it has no form."""
        card = self.get_template("_product_card.html").render(
            sku=sku,
            file=file,
            price=formats.money(self._language, price),
            available=available,
            name=name,
            spoken=_lang(self._language, spoken_in),
            level=level,
            change_id=_HOLE,
            here=_HOLE,
        )
        return tuple(Markup(part) for part in f"{card}\n".split(_HOLE))  # noqa: S704 - the template has escaped it

    def _rendered(self, name: str) -> Markup:
        """A template that says the same on every page."""
        return Markup(self.get_template(name).render())  # noqa: S704 - it has escaped what it shows

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _Folded(self._constant).visit(tree)
        return tree


class Templates:
    """Compiled on first use, for each language."""

    def __init__(self) -> None:
        self._environments: dict[str, _Environment] = {}

    def get(self, name: str, language: str = SOURCE) -> Template:
        environment = self._environments.get(language)
        if environment is None:
            environment = self._environments[language] = _Environment(language)
        return environment.get_template(name)


def names() -> list[str]:
    """Of all templates."""
    return Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True).list_templates(["html"])


def texts(name: str) -> frozenset[str | tuple[str, str]]:
    """Every text of the interface that a template and what it is made of can say; a pair: singular and plural."""
    environment = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True)
    assert environment.loader is not None
    found: set[str | tuple[str, str]] = set()
    seen, waiting = {name}, [name]
    while waiting:
        source, _, _ = environment.loader.get_source(environment, waiting.pop())
        tree = environment.parse(source)
        for _, function, said in extract_from_ast(tree, gettext_functions=("_", "ngettext")):
            if function == "ngettext" and isinstance(said, tuple):
                found.add((str(said[0]), str(said[1])))
            elif isinstance(said, str):
                found.add(said)
        others = {other for other in find_referenced_templates(tree) if other is not None} - seen
        seen |= others
        waiting += others
    return frozenset(found)
