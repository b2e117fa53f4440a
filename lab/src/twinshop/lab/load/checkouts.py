"""The checkouts of a load one by one, to compare with the shop's books afterwards."""

import csv
from collections.abc import Sequence
from pathlib import Path

from twinshop.lab.errors import LoadError
from twinshop.lab.load.record import Checkout


def read_checkouts(folder: Path) -> Sequence[Checkout]:
    """All that were acknowledged, and those whose end is unknown. Raises LoadError for a folder that holds no load."""
    try:
        with (folder / "orders.csv").open(encoding="utf-8") as file:
            return tuple(_checkout(row) for row in csv.DictReader(file))
    except (OSError, ValueError, KeyError) as error:
        raise LoadError(f"{folder} is not a complete load: {error}") from error


def _checkout(row: dict[str, str]) -> Checkout:
    return Checkout(
        session=int(row["session"]),
        due=float(row["due"]),
        outcome=row["outcome"],
        id=row["id"],
        number=row["number"],
        key=row["key"],
        total=int(row["total"]),
        sku=row["sku"],
        quantity=int(row["quantity"]),
    )
