"""A shop's own products: what is read, what is refused and where, and what becomes of the products before."""

import time
from pathlib import Path

import pytest

from twinshop.catalog import index
from twinshop.catalog.importing import NO_PICTURE, ImportFailed, read
from twinshop.catalog.seed import ProductData, replace, seed
from twinshop.contracts.catalog import ProductQuery
from twinshop.kit.database import Database
from twinshop.kit.settings import DatabaseSettings

pytestmark = pytest.mark.anyio

HEADER = "sku,name,description,category,price,stock,picture\n"
CSV = (
    HEADER
    + 'x_1.b-2,"Blue ""big"" lamp","Two\nlines.",Home & Light,12.50,3,lamp.webp\nSOFA,Sofa,,Home & Light,499,0,\n'
)


def complaints(content):
    with pytest.raises(ImportFailed) as caught:
        read(content if isinstance(content, bytes) else content.encode())
    return list(caught.value.complaints)


@pytest.mark.parametrize("content", [CSV, "\ufeff" + CSV, CSV.replace("\n", "\r\n").replace("Two\r\n", "Two\n")])
def test_a_csv_file_is_read(content):
    data = read(content.encode())
    assert [category.model_dump() for category in data.categories] == [
        {"slug": "home-light", "name": "Home & Light", "description": "Home & Light", "picture": "lamp.webp"}
    ]
    lamp, sofa = data.products
    assert (lamp.sku, lamp.name, lamp.description, lamp.price, lamp.stock) == (
        *("x_1.b-2", 'Blue "big" lamp', "Two\nlines.", 1250, 3),
    )
    assert (sofa.description, sofa.price, sofa.stock, sofa.picture) == ("Sofa", 49900, 0, NO_PICTURE)


def test_semicolons_and_decimal_commas_are_read():
    text = "stock;sku;name;description;category;price\n3;A1;Lámpara;Luz;Hogar;12,5\n"
    assert (read(text.encode()).products[0].price, read(text.encode()).categories[0].slug) == (1250, "hogar")


def test_a_json_list_and_the_data_files_own_format_are_read(content):
    import json  # noqa: PLC0415

    rows = [{"sku": "A1", "name": "Lamp", "description": "Light", "category": "Home", "price": 12.5, "stock": 0}]
    assert (read(json.dumps(rows).encode()).products[0].price, read(json.dumps(rows).encode()).products[0].stock) == (
        1250,
        0,
    )
    assert len(read(json.dumps(content).encode()).products) == 5


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("A 1,Lamp,Light,Home,1,1,", "line 3: sku: "),
        ("A1,,Light,Home,1,1,", "line 3: name: "),
        ("A1,Lamp,Light,,1,1,", "line 3: category: "),
        ("A1,Lamp,Light,Home,1.234,1,", "line 3: price '1.234'"),
        ("A1,Lamp,Light,Home,-1,1,", "line 3: price '-1'"),
        ("A1,Lamp,Light,Home,1,many,", "line 3: stock 'many'"),
        ("A1,Lamp,Light,Home,1,1000001,", "line 3: stock: "),
        ("A1,Lamp,Light,Home,1,1,,9", "line 3: 1 cells too many"),
        ("A1,Lamp,Light", "line 3: 4 cells too few"),
        ("OK,Lamp,Light,Home,1,1,", "line 3: sku OK appears twice"),
        ('A1,"Lamp,Light,Home,1,1,', "line 3: unexpected end of data"),
    ],
)
def test_a_wrong_line_is_told_by_its_number(row, complaint):
    found = complaints(f"{HEADER}OK,Lamp,Light,Home,1,1,\n{row}\n")
    assert len(found) == 1
    assert found[0].startswith(complaint)


def test_all_wrong_lines_are_told_at_once_up_to_a_bound():
    assert len(complaints(HEADER + "A 1,L,L,H,1,1,\n\nB 1,L,L,H,1,1,\n")) == 2
    assert complaints(HEADER + "A 1,L,L,H,1,1,\n" * 100)[-1] == "… and more"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "line 1: columns are missing"),
        (HEADER, "the file contains no products"),
        ("sku,name\nA,B\n", "line 1: columns are missing: description"),
        ("[1]", "product 1: not a product"),
        ("{", "not JSON"),
        (HEADER.encode() + b"A1,\xff", "line 2: not UTF-8"),
    ],
)
def test_what_is_no_catalogue_is_refused(content, complaint):
    assert complaints(content)[0].startswith(complaint)


async def test_imported_products_take_the_place_of_those_before(database, catalog, lines, data):
    await catalog.reserve("order-0000000000", lines(KIT_001=2))
    said = []
    await replace(database, read(CSV.encode()), said.append)
    page = await catalog.search(ProductQuery())
    assert [item.sku for item in page.items] == ["x_1.b-2", "SOFA"]
    assert [(category.slug, category.products) for category in page.categories] == [("home-light", 2)]
    assert await catalog.get_many(["KIT-001"]) == ()
    assert (await catalog.search(ProductQuery(text="pan"))).total == 0
    assert [item.sku for item in (await catalog.search(ProductQuery(text="lamps"))).items] == ["x_1.b-2"]
    assert [item.sku for item in (await catalog.search(ProductQuery(text="X_1.B-2"))).items] == ["x_1.b-2"]
    await catalog.commit("order-0000000000")
    audit = await catalog.audit()
    assert audit.initial == audit.on_hand + audit.sold
    await seed(database, data)  # as the next start does
    assert await catalog.search(ProductQuery()) == page


async def test_no_limit_of_the_database_ends_a_long_import(database, database_url, monkeypatch):
    """It takes longer than a visitor's question, and its transaction rests while products are sorted."""
    sort = index._orders
    monkeypatch.setattr(index, "_orders", lambda products: time.sleep(0.3) or sort(products))
    impatient = Database("catalog", database_url, DatabaseSettings(statement_seconds=0.05, unit_seconds=0.05))
    try:
        await replace(impatient, read(CSV.encode()), print)
    finally:
        await impatient.dispose()


async def test_importing_again_updates_and_brings_products_back(database, catalog):
    await replace(database, read(CSV.encode()), print)
    back = HEADER + "KIT-001,Pan,Old,Kitchen,1,9,\nSOFA,Sofa,,Home,1,5,\n"
    await replace(database, read(back.encode()), print)
    page = await catalog.search(ProductQuery())
    assert [(item.sku, item.name, item.price.amount, item.available) for item in page.items] == [
        *(("KIT-001", "Pan", 100, 5), ("SOFA", "Sofa", 100, 0)),  # the stock stays what it was
    ]
    assert [category.slug for category in page.categories] == ["kitchen", "home"]


def test_every_column_that_is_read_is_documented():
    page = (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8")

    assert [name for name in ProductData.model_fields if f"\n| `{name}` | " not in page] == []
