"""The benchmark of large shops: its data, its tables, and its command from filling to the last row."""

import csv
import itertools
import json
from io import StringIO

import pytest

from twinshop.catalog.importing import read
from twinshop.catalog.settings import CatalogSettings
from twinshop.lab.__main__ import main
from twinshop.lab.bench import benchmark, report, size, synthetic
from twinshop.lab.bench.command import PARTS

SHIPPED = CatalogSettings().data


def test_a_synthetic_catalogue_begins_with_the_shipped_products_and_can_be_imported():
    content = synthetic.catalogue(SHIPPED, 500)
    imported = read(content).products
    shipped = [product["sku"] for product in json.loads(SHIPPED.read_bytes())["products"]]

    assert [product.sku for product in imported[:72]] == shipped
    assert len({product.sku for product in imported}) == len({product.name for product in imported}) == 500


def test_the_same_products_come_again():
    assert list(synthetic.products(SHIPPED, 200)) == list(synthetic.products(SHIPPED, 200))


def test_common_words_are_in_the_same_share_of_products_whatever_the_size():
    def share(count):
        return sum(", red," in str(name) for _, name, *_ in synthetic.products(SHIPPED, count)) / count

    assert share(7200) == pytest.approx(share(36_000), rel=0.1)


def test_brands_differ_however_many_there_are():
    brands = [synthetic.brand(number) for number in (*range(5000), *range(65_000, 70_000))]
    assert len(set(brands)) == len(brands)


def test_every_shopper_has_as_many_orders_in_a_small_ledger_as_in_a_large_one():
    for count in (50, 500):
        orders = [dict(zip(synthetic.ORDER_COLUMNS, order, strict=True)) for order, _charge in synthetic.orders(count)]
        per_shopper = {shopper: sum(1 for _ in of) for shopper, of in itertools.groupby(sorted(map(_shopper, orders)))}
        assert set(per_shopper.values()) == {synthetic.ORDERS_PER_SHOPPER}
        assert len({order["number"] for order in orders}) == len({order["id"] for order in orders}) == count


def _shopper(order):
    return order["shopper_id"]


def test_a_csv_file_has_the_columns_of_the_import_format():
    header = next(csv.reader(StringIO(synthetic.catalogue(SHIPPED, 1).decode())))
    assert header == list(synthetic.COLUMNS)


@pytest.mark.parametrize(
    ("largest", "sizes"),
    [(100_000, (72, 10_000, 100_000)), (500, (72, 500)), (10_000, (72, 10_000)), (72, (72,)), (1, (72,))],
)
def test_the_largest_size_is_the_one_that_is_asked_for(largest, sizes):
    assert size.PRODUCT.up_to(largest).sizes == sizes


def _rows(kind, costs):
    """Rows of one call: `costs` are CPU milliseconds by size, one for each block."""
    return [
        {
            "kind": kind,
            "engine": "SQLite",
            "call": "home",
            "count": count,
            "repeat": repeat,
            "p50_ms": 2 * cpu,
            "p95_ms": 3 * cpu,
            "cpu_ms": cpu,
        }
        for count, of in costs.items()
        for repeat, cpu in enumerate(of)
    ]


def test_growth_is_a_ratio_within_each_block():
    rows = _rows("products", {72: [1.0, 2.0, 10.0], 10_000: [1.5, 3.0, 15.0]})
    assert report.growth(rows, "cpu_ms", 72, 10_000) == 1.5


def test_a_block_that_was_cut_short_does_not_count_for_growth():
    rows = _rows("products", {72: [1.0, 2.0], 10_000: [1.5]})
    assert report.growth(rows, "cpu_ms", 72, 10_000) == 1.5


def test_the_table_compares_the_largest_size_with_the_smallest_and_with_the_one_before():
    title, header, _, line = report.size(_rows("orders", {72: [1.0], 10_000: [1.2], 1_000_000: [1.8]})).splitlines()

    assert title == "Calls by the number of orders, SQLite: ms (median of 1)"
    assert header.split()[-7:] == ["72:", "p50", "CPU", "1,000,000", "/", "10,000:", "p50", "CPU"][-7:]
    assert line.split() == [
        *("home", "2.00", "3.00", "1.00", "2.40", "3.60", "1.20", "3.60", "5.40", "1.80"),
        *("1.80", "1.80", "1.50", "1.50"),
    ]


def test_a_long_insert_says_how_long_is_left(capsys):
    clock = iter([0.0, 1.0, 4.0, 5.0])
    said = size._Progress("1,000 orders", 1000, now=lambda: next(clock))
    for done in (100, 400, 1000):
        said(done)
    assert capsys.readouterr().out == "  storing 1,000 orders: 40 %, about 6 s left\n"


def test_the_part_that_takes_minutes_is_measured_only_by_name():
    assert "size" not in PARTS


@pytest.mark.integration
def test_the_command_fills_databases_and_measures_all_calls(root, monkeypatch, capsys):
    monkeypatch.setattr(benchmark.machine, "fingerprint", lambda _: {})
    monkeypatch.setattr(size, "CALLS", 1)
    monkeypatch.setattr(size, "MIN_CALLS", 1)
    monkeypatch.delenv(size.POSTGRES, raising=False)

    assert main(["bench", "--only", "size", "--products", "100", "--orders", "100", "--repeats", "1"]) == 0

    told = capsys.readouterr().out
    (stored,) = root.glob("results/bench-*/bench.json")
    rows = json.loads(stored.read_text())
    counts = {"products": {72, 100}, "orders": {72, 100}}
    assert {kind: {row["count"] for row in rows["size"] if row["kind"] == kind} for kind in counts} == counts
    assert {row["call"] for row in rows["size"]} >= {"home", "product", "search: red", "order history"}
    assert len(rows["filled"]) == 4
    assert told.count("Calls by the number of products, SQLite: ms") == 1
