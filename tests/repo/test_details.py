"""
Every detail of an error that a page shows is one sentence, and the interface has it in every language.

The code is read for the places where errors come about: a new sentence fails here until it is translated, and one that
varies (a number, a name) until what varies is in the facts of the error, or the sentence is listed here.
"""

import ast
import importlib
import pkgutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from twinshop.contracts import errors
from twinshop.contracts.payment import Card
from twinshop.kit import problems
from twinshop.payment.charging import REASONS
from twinshop.storefront import messages
from twinshop.storefront.interface import LOCALE
from twinshop.storefront.languages import LANGUAGES, SOURCE
from twinshop.storefront.pages.problem_texts import INSTEAD

PACKAGES = ("contracts", "kit", "cart", "catalog", "payment", "storefront")
FOR_PROGRAMS = ("twinshop.kit.faults", "twinshop.storefront.api")
"""No page says what these refuse. Nor does one say what the translator refuses: it then shows the original texts."""

NOT_SHOWN = {
    "A product is listed twice.": "a cart has one line for a product",
    "The limit must be 1 to 100.": "only `resume` claims orders",
    "The total is not the sum of the lines.": "the store front adds up",
    "There is nothing to reserve.": "an order has lines",
    "This is no order id: 16 to 64 letters, digits, dashes and underscores.": "the ledger makes them",
}
PASSED_ON = {
    "REASONS.get(reason, REASONS['card_declined'])": REASONS.values(),
    "fault": (*messages.CARD, *messages.FIELD.values(), messages.NOT_THERE),
    "f'The {name} is not 16 to 64 letters, digits, hyphens and underscores.'": (),  # pages check ids before they call
    "error.detail": (),  # of an error that is told somewhere already
}
"""Expressions that are no sentence themselves, and what they may say."""

KINDS = {kind.__name__: kind for kind in errors.kinds().values() if kind.code not in INSTEAD}
OTHERS = [code for code, language in LANGUAGES.items() if code != SOURCE and language.complete]


def modules():
    for package in PACKAGES:
        root = importlib.import_module(f"twinshop.{package}")
        for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if not found.name.startswith(FOR_PROGRAMS) and not found.name.endswith(("__main__", ".env")):
                yield importlib.import_module(found.name)


def detail_of(call):
    """The expression of the detail, if the call makes an error that a page shows, or the failure of an order."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", None)
    if name in KINDS and call.args:
        return call.args[0]
    return next((word.value for word in call.keywords if name == "Failure" and word.arg == "detail"), None)


def sentences(module, tree, expression):
    """What the expression may say, constants put in; raises NameError for what is known only while it runs."""
    if isinstance(expression, ast.Name) and not hasattr(module, expression.id):
        given = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and _names(node, expression.id)]
        if not given:
            raise NameError(expression.id)
        return {said for value in given for said in sentences(module, tree, value)}
    return {eval(compile(ast.Expression(expression), module.__file__, "eval"), vars(module))}


def _names(assignment, name):
    return any(isinstance(target, ast.Name) and target.id == name for target in assignment.targets)


def scanned():
    """Every sentence that errors are made with, and every expression of which none is known."""
    said, unknown = set(), set()
    for module in modules():
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        for expression in filter(None, (detail_of(node) for node in ast.walk(tree) if isinstance(node, ast.Call))):
            try:
                said |= sentences(module, tree, expression)
            except NameError:
                unknown.add(ast.unparse(expression))
    return said, unknown


def faults_of_cards():
    """What a card may be refused for."""
    at = datetime(2030, 1, 1, tzinfo=UTC)
    cards = (("42", 2029, "1"), ("4242424242424241", 2031, "1"), ("378282246310005", 2031, "1"))
    return {
        fault
        for number, year, code in cards
        for fault in Card.model_validate({"number": number, "expiry_year": year, "expiry_month": 12, "code": code})
        .faults(at)
        .values()
    }


def translated(language):
    with (LOCALE / language / "LC_MESSAGES" / "storefront.po").open("rb") as file:
        return {message.id for message in read_po(file) if message.id and message.string}


@pytest.fixture(scope="module")
def found():
    return scanned()


@pytest.mark.parametrize("language", OTHERS)
def test_every_detail_that_a_page_shows_is_in_the_interface(found, language):
    said, _ = found
    assert {*said, *REASONS.values(), problems.CRASHED} - NOT_SHOWN.keys() - translated(language) == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_title_and_what_the_framework_refuses_is_in_the_interface(language):
    titles = {kind.title for kind in errors.kinds().values()} | {title for _, title, _ in problems.HTTP.values()}
    details = {detail for _, _, detail in problems.HTTP.values() if detail is not None}
    assert (titles | details) - translated(language) == set()


def test_no_detail_varies(found):
    _, unknown = found
    assert unknown == PASSED_ON.keys()


def test_what_is_listed_here_is_still_said(found):
    said, _ = found
    assert NOT_SHOWN.keys() - said == set()
    assert len(said) > 30


def test_all_that_a_card_is_refused_for_is_a_message():
    assert faults_of_cards() == set(messages.CARD)


def test_all_messages_of_the_store_front_are_listed():
    constants = {value for name, value in vars(messages).items() if name.isupper() and isinstance(value, str)}
    tables = [value for name, value in vars(messages).items() if name.isupper() and isinstance(value, dict)]
    assert constants | {text for table in tables for text in table.values()} <= set(messages.all_messages())
