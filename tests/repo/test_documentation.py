"""The documents become a site that works offline; generated pages are current; the README fits a minute."""

import importlib.util
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
DOCUMENTS = [ROOT / name for name in LISTED.split("\0") if name and (ROOT / name).is_file()]


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference, site = script("reference"), script("docs_site")


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_generated_page_is_current(name):
    page = (reference.FOLDER / f"{name}.md").read_text(encoding="utf-8")

    assert page == reference.PAGES[name](), "stale: run `make docs`, and commit the page"


def test_no_page_of_the_reference_is_written_by_hand():
    assert {file.stem for file in reference.FOLDER.iterdir()} == set(reference.PAGES)


def test_every_metric_of_the_shop_is_on_the_page():
    page = reference.metric_page()
    sources = [
        *(ROOT / "kit/src").rglob("*.py"),
        *ROOT.glob("services/*/src/**/*.py"),
        *(ROOT / "monolith/src").rglob("*.py"),
    ]
    made = {
        name
        for source in sources
        for name in re.findall(r"\b(?:Counter|Gauge|Histogram|Summary)\(\s*\"(\w+)\"", source.read_text())
    }

    assert made
    assert {name for name in made if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_list_begins_after_a_blank_line(document):
    """Otherwise the site shows it as a part of the paragraph before it."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    wrong = re.findall(r"^(?![-#|<]|\d+\.|\s)(.+)\n(?:- |1\. )", text, re.MULTILINE)

    assert wrong == []


class Loads(HTMLParser):
    """What a page loads from elsewhere when it is opened."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        places = [values.get("src")]
        if tag == "link" and values.get("rel") in {"stylesheet", "icon", "preload", "preconnect"}:
            places.append(values.get("href"))
        self.found += [place for place in places if place and re.match(r"(?:https?:)?//", place)]


@pytest.mark.integration
def test_the_site_builds_without_a_warning_and_loads_nothing_from_the_network(tmp_path):
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    pages = [file for file in tmp_path.rglob("*.html") if file.name not in {"report.html", "404.html"}]
    assert len(pages) > 40
    loaded = {}
    for page in pages:
        loads = Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        if loads.found:
            loaded[page.relative_to(tmp_path).as_posix()] = loads.found
    assert loaded == {}
    index = json.loads((tmp_path / "search/search_index.json").read_text(encoding="utf-8"))
    assert any("Blast radius" in each["text"] or "blast radius" in each["text"] for each in index["docs"])


KNOWN = {"index.md", "lab.md", "security.md", "report/README.md", *site.PLACES}


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("index.md", "[a](lab.md#efforts)", "[a](lab.md#efforts)"),
        ("index.md", "[a](../CONTRIBUTING.md)", "[a](project/contributing.md)"),
        ("report/README.md", "[a](../../services/cart/README.md)", "[a](../project/cart.md)"),
        ("project/cart.md", "[a](../../docs/lab.md)", "[a](../lab.md)"),
        ("project/contributing.md", "[a](LICENSE)", "a (`LICENSE`)"),
        ("lab.md", "[a](../scripts/release.py)", "a (`scripts/release.py`)"),
        ("lab.md", "[a](https://example.org/x)", "[a](https://example.org/x)"),
        ("lab.md", "[a](#here)", "[a](#here)"),
        ("lab.md", "[a](gone.md)", "[a](gone.md)"),
    ],
)
def test_links_lead_to_pages_and_other_files_become_paths(page, link, expected):
    assert site.linked(link, page, KNOWN) == expected


def test_the_readme_fits_and_shows_what_it_is_about():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = dict(re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", text))

    assert len(text.splitlines()) <= 90
    assert len(pictures) == 2
    assert all(len(alternative) > 40 for alternative in pictures)
    assert all((ROOT / file).stat().st_size < 300_000 for file in pictures.values())


def test_the_files_that_the_architecture_names_exist():
    """The walks name modules in full, below `twinshop`; other sentences begin at the package that they are about."""
    sources = [*ROOT.glob("*/src/twinshop"), *ROOT.glob("services/*/src/twinshop")]
    roots = [*sources, *(folder for source in sources for folder in source.iterdir())]
    text = (ROOT / "docs" / "architecture.md").read_text()
    walks = text.partition("## Three walks")[2].partition("\n## ")[0]
    named = re.findall(r"`([\w/]+\.py)`", text)
    in_walks = re.findall(r"`(\w+/[\w/]+\.py)`", walks)

    assert len(set(in_walks)) > 30
    assert [name for name in in_walks if sum((source / name).is_file() for source in sources) != 1] == []
    assert [name for name in named if not any((root / name).is_file() for root in (ROOT, *roots))] == []
