"""
What a search engine is asked: an expression over words, written for SQLite's FTS5 or for PostgreSQL's full text search.

Both hold the same words under the same three fields, so both give the same answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

NAME, CATEGORY, TEXT = FIELDS = "n", "c", "t"
"""The fields: the product's name, its category's, its description."""
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
            return "(" + " OR ".join(_beginning(lexeme(token, field)) for token in tokens for field in fields) + ")"
        case Phrase(words, fields):
            spoken = (" ".join(lexeme(token, field) for token in of) for of in _spoken(words) for field in fields)
            return "(" + " OR ".join(map(_quoted, spoken)) + ")"
        case All(parts):
            return "(" + " AND ".join(map(fts5, parts)) + ")"
        case Either(parts):
            return "(" + " OR ".join(dict.fromkeys(map(fts5, _flat(parts)))) + ")"
        case Except(kept, left_out):
            return f"({fts5(kept)} NOT {fts5(left_out)})"


def tsquery(expression: Expression) -> str:
    """As a `tsquery` of PostgreSQL."""
    match expression:
        case Term(tokens, fields):
            return "(" + " | ".join(_lexeme(token, field) for token in tokens for field in fields) + ")"
        case Phrase(words, fields):
            phrases = (
                " <-> ".join(_lexeme(token, field) for token in tokens) for tokens in _spoken(words) for field in fields
            )
            return "(" + " | ".join(phrases) + ")"
        case All(parts):
            return "(" + " & ".join(map(tsquery, parts)) + ")"
        case Either(parts):
            return "(" + " | ".join(dict.fromkeys(map(tsquery, _flat(parts)))) + ")"
        case Except(kept, left_out):
            return f"({tsquery(kept)} & !{tsquery(left_out)})"


def _quoted(text: str) -> str:
    return f'"{text}"'  # tokens are letters, digits, colons and dashes


def _beginning(token: str) -> str:
    """A token with a star stands for all that begin so."""
    return f'"{token[:-1]}" *' if token.endswith("*") else _quoted(token)


def _flat(parts: Sequence[Expression]) -> Iterator[Expression]:
    """The parts, word by word: the same one in the same field often comes several times, and each time costs."""
    for part in parts:
        match part:
            case Either(inner):
                yield from _flat(inner)
            case Term(tokens, fields):
                yield from (Term((token,), field) for token in tokens for field in fields)
            case _:
                yield part


def lexeme(token: str, field: str) -> str:
    """
    Return a word of one field as it is stored.

    The field is part of the word rather than a column of FTS5 or a weight of PostgreSQL: those are looked at for each
    product that has the word in any field, so that a common word that is in no name would cost as much as all of them.
    """
    return f"{field}{token}"


def _lexeme(token: str, field: str) -> str:
    return f"'{lexeme(token[:-1], field)}':*" if token.endswith("*") else f"'{lexeme(token, field)}'"


def _spoken(words: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Each way to say the words, as many as fit into one question."""
    return list(product(*words))[:MAX_PHRASES]
