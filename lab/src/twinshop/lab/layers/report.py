"""The tables of `twinshop layers`, from its rows alone."""

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = dict[str, Any]
PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""


def amount(bytes_: int) -> str:
    """Such as `549.2 MB` or `494.7 kB`: powers of ten, as registries count."""
    if bytes_ >= 10**6:
        return f"{bytes_ / 1e6:.1f} MB"
    return f"{bytes_ / 1e3:.1f} kB" if bytes_ >= 10**3 else f"{bytes_} B"


def show(data: Row, console: Console | None = None) -> None:
    """All tables for which there are rows."""
    screen = console or Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)
    total = data["all"]
    for row in data["images"]:
        screen.print(_layers(row, len(total["images"]) - 1))
    screen.print(_totals(data))
    screen.print(
        f"All images of ours here ({', '.join(total['images'])}) come to {amount(total['sum_bytes'])}; "
        f"since they share layers, the disk keeps {amount(total['disk_bytes'])}.\n"
    )
    if data.get("changes"):
        screen.print(_changes(data["changes"]))
        screen.print("New bytes: uncompressed size of the layers that a host with the old image must fetch.")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for at, column in enumerate(columns):
        table.add_column(column, justify="left" if at == 0 else "right", overflow="fold")
    return table


def _layers(row: Row, others: int) -> Table:
    added = f"{amount(row['added_bytes'])} of it on top of the base image"
    table = _table(f"\ntwinshop/{row['image']}: {amount(row['bytes'])}, {added}", "layer", "size", "also in")
    instruction, size, also_in = table.columns
    table.expand, instruction.ratio, instruction.no_wrap, instruction.overflow = True, 1, True, "ellipsis"
    size.no_wrap, also_in.justify, also_in.max_width = True, "left", 30
    for layer in row["layers"]:
        names = "all others" if len(layer["also_in"]) == others > 1 else ", ".join(layer["also_in"])
        made = f"(base) {layer['instruction']}" if layer["base"] else layer["instruction"]
        table.add_row(Text(made), amount(layer["bytes"]), names, style="dim" if layer["base"] else None)
    return table


def _totals(data: Row) -> Table:
    kinds = [kind for kind in ("cold", "unchanged") if any(row["kind"] == kind for row in data["builds"])]
    headers = {"cold": "cold build", "unchanged": "nothing changed"}
    columns = ("image", "size", "on top of the base", "of its own", *(headers[kind] for kind in kinds))
    table = _table("\nImages", *columns)
    seconds = {(row["image"], row["kind"]): row["seconds"] for row in data["builds"]}
    for row in data["images"]:
        sizes = (amount(row[key]) for key in ("bytes", "added_bytes", "unique_bytes"))
        table.add_row(row["image"], *sizes, *(f"{seconds[row['image'], kind]:.1f} s" for kind in kinds))
    return table


def _changes(rows: Sequence[Row]) -> Table:
    table = _table("One changed line", "in", "image", "new bytes", "layers", "steps from the cache", "build")
    table.columns[1].justify = "left"
    for at, row in enumerate(rows):
        part = row["part"] if at == 0 or rows[at - 1]["part"] != row["part"] else ""
        cached = f"{row['cached']} of {row['steps']}"
        table.add_row(
            part, row["image"], amount(row["new_bytes"]), str(len(row["rebuilt"])), cached, f"{row['seconds']:.1f} s"
        )
    return table
