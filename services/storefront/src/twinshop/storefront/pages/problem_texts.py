"""What a page says of an error: a sentence of the interface, where the detail is for programs."""

from collections.abc import Mapping

from pydantic import JsonValue

from twinshop.contracts.errors import Invalid, Malformed, TooLarge, Unavailable, UnknownLanguage
from twinshop.storefront import messages

INSTEAD: Mapping[str, str] = {
    Malformed.code: messages.NOT_UNDERSTOOD,
    TooLarge.code: messages.TOO_LARGE,
    Unavailable.code: messages.TEMPORARY,
    UnknownLanguage.code: messages.UNKNOWN_LANGUAGE,
}
"""By code: the details of these name limits, fields, components. Those of all others are translated as they stand."""


def problem_text(code: str, detail: str, facts: Mapping[str, JsonValue]) -> str:
    """The sentence for people. A request that does not fit (`errors` lists the fields) has one for all fields."""
    if code == Unavailable.code and facts.get("component") == "acquirer":
        return messages.ACQUIRER_SILENT
    by_fields = code == Invalid.code and "errors" in facts
    if by_fields or code.startswith("http-"):
        return messages.NOT_UNDERSTOOD
    return INSTEAD.get(code, detail)
