from pathlib import Path

from twinshop.catalog import routes
from twinshop.catalog.settings import CatalogSettings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_every_setting_with_its_meaning():
    rows = [line for line in README.splitlines() if line.startswith("| `CATALOG_")]
    listed = {tuple(cell.strip() for cell in row.strip("|").split(" | ")[:2]) for row in rows}
    assert listed == {
        (f"`CATALOG_{name.upper()}`", field.description) for name, field in CatalogSettings.model_fields.items()
    }


def test_the_readme_lists_every_operation():
    operations = {f"`{method} {route.path}`" for route in routes.router(None).routes for method in route.methods}
    assert {operation for operation in operations if operation not in README} == set()
