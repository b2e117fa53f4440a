"""
What a search engine is asked: an expression over words, written for SQLite's FTS5 or for PostgreSQL's full text search.

Both hold the same words under the same three fields, so both give the same answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

NAME, CATEGORY, TEXT = "A", "B", "C"
"""The fields, by the weights that PostgreSQL knows them under: the product's name, its category's, its description."""
COLUMNS = {NAME: "name", CATEGORY: "category", TEXT: "description"}
MAX_PHRASES = 32


def token(word: str, language: str) -> str:
    """A word as it is indexed: those of other languages than English are marked, so that none is taken for another."""
    return word if language == "en" else f"{language}:{word}"


def plain(indexed: str) -> str:
    """The word of a token."""
    return indexed.rpartition(":")[2]


def category_token(slug: str) -> str:
    return f"in:{slug}"


@dataclass(frozen=True, slots=True)
class Term:
    """One of the words, in one of the fields."""

    tokens: tuple[str, ...]
    fields: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words one after the other, each any of those given, all in one of the fields."""

    words: tuple[tuple[str, ...], ...]
    fields: str


@dataclass(frozen=True, slots=True)
class All:
    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Except:
    """The first without the second."""

    kept: "Expression"
    left_out: "Expression"


Expression = Term | Phrase | All | Either | Except


def fts5(expression: Expression) -> str:
    """As a query of SQLite's FTS5."""
    match expression:
        case Term(tokens, fields):
            return f"{_columns(fields)} : ({' OR '.join(map(_beginning, tokens))})"
        case Phrase(words, fields):
            phrases = [_quoted(" ".join(tokens)) for tokens in _spoken(words)]
            return f"{_columns(fields)} : ({' OR '.join(phrases)})"
        case All(parts):
            return "(" + " AND ".join(map(fts5, parts)) + ")"
        case Either(parts):
            return "(" + " OR ".join(map(fts5, parts)) + ")"
        case Except(kept, left_out):
            return f"({fts5(kept)} NOT {fts5(left_out)})"


def tsquery(expression: Expression) -> str:
    """As a `tsquery` of PostgreSQL."""
    match expression:
        case Term(tokens, fields):
            return "(" + " | ".join(_lexeme(token, fields) for token in tokens) + ")"
        case Phrase(words, fields):
            phrases = (
                " <-> ".join(f"'{token}':{field}" for token in tokens) for tokens in _spoken(words) for field in fields
            )
            return "(" + " | ".join(phrases) + ")"
        case All(parts):
            return "(" + " & ".join(map(tsquery, parts)) + ")"
        case Either(parts):
            return "(" + " | ".join(map(tsquery, parts)) + ")"
        case Except(kept, left_out):
            return f"({tsquery(kept)} & !{tsquery(left_out)})"


def _columns(fields: str) -> str:
    return "{" + " ".join(COLUMNS[field] for field in fields) + "}"


def _quoted(text: str) -> str:
    return f'"{text}"'  # tokens are letters, digits, colons and dashes


def _beginning(token: str) -> str:
    """A token with a star stands for all that begin so."""
    return f'"{token[:-1]}" *' if token.endswith("*") else _quoted(token)


def _lexeme(token: str, fields: str) -> str:
    return f"'{token[:-1]}':*{fields}" if token.endswith("*") else f"'{token}':{fields}"


def _spoken(words: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Each way to say the words, as many as fit into one question."""
    return list(product(*words))[:MAX_PHRASES]
