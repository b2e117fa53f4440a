"""`lab import`: a user's own products for a shop that runs."""

import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.environments import commands
from twinshop.lab.environments.lifecycle import Status

CSV = "sku,name,description,category,price,stock\nLAMP-1,Desk lamp,Warm light.,Home,39.90,12\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own products.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


@pytest.mark.integration
def test_the_database_of_a_shop_that_runs_has_the_products_of_a_file(local, shape, root, file, capfd):
    local.up(60)
    wrong = file.with_name("wrong.csv")
    wrong.write_text(CSV + "SOFA-1,Sofa,,Home,free,1\n", encoding="utf-8")

    assert main(["import", shape.name, "--runtime", "local", "--file", str(wrong)]) == 1
    told = capfd.readouterr().err.splitlines()
    assert told == ["line 3: price 'free': write euros as 12.50", "Nothing was imported."]

    assert main(["import", shape.name, "--runtime", "local", "--file", str(file)]) == 0
    assert "Imported 1 products in 1 categories." in capfd.readouterr().err
    with closing(sqlite3.connect(root / ".run" / shape.name / "shop.db")) as database:
        assert database.execute("SELECT name, on_hand FROM catalog_product").fetchall() == [("Desk lamp", 12)]


@pytest.fixture
def shops(monkeypatch):
    """Makes so many shops run."""

    def run(count):
        found = [
            SimpleNamespace(title=f"shop {number}", ps=lambda: [Status("all", "ready")]) for number in range(count)
        ]
        monkeypatch.setattr(commands, "known", lambda *_, **__: found)

    return run


@pytest.mark.parametrize(
    ("running", "code", "words"),
    [(0, 3, "Nothing is running."), (2, 2, "More than one shop is running (shop 0, shop 1): choose one")],
)
def test_the_shop_must_be_clear(shops, file, capsys, running, code, words):
    shops(running)
    assert main(["import", "--file", str(file)]) == code
    assert capsys.readouterr().err.startswith(words)


def test_the_file_must_be_there(capsys):
    assert main(["import", "--file", "nowhere.csv"]) == 2
    assert "File not found: nowhere.csv" in capsys.readouterr().err
