"""Numbers with what they count, in sentences."""


def plural(one: str) -> str:
    """Such as `blocks`, `mixes`, `processes`."""
    return one + ("es" if one.endswith(("s", "x")) else "s")


def counted(number: int, one: str, space: str = " ") -> str:
    """Such as `1 visit`, `1,200 visits`."""
    return f"{number:,}{space}{one if number == 1 else plural(one)}"


def agreeing(number: int, verb: str) -> str:
    """The verb as it follows such a number: `1 visit waits`, `2 visits wait`."""
    return f"{verb}s" if number == 1 else verb
