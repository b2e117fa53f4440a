"""Text made comparable, by the same rule for what is stored and what is looked for."""

import unicodedata


def fold(text: str) -> str:
    """
    The text without case and accents: `Sauté` and `SAUTE` become the same.

    Done here rather than in SQL, because SQLite lowers ASCII letters only and PostgreSQL what its locale says.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
