"""The one way to say that an answer is wrong."""


class Wrong(Exception):
    """An answer is not what the shop promises. In words without ids, so that they can be counted."""


def expect(*, that: bool, otherwise: str) -> None:
    """Raise Wrong with the message `otherwise` unless `that` holds."""
    if not that:
        raise Wrong(otherwise)
