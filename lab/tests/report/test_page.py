"""The page and its files, without a browser."""

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from twinshop.lab.report.page import make_report
from twinshop.lab.report.plots import ecdf, heat_map
from twinshop.lab.report.section import Claim, Plot, Section, Table

pytestmark = pytest.mark.xdist_group("report")  # drawing the page takes seconds, so one worker does it

HOSTILE = "<script>alert('&\"$x$')</script>"
VOID_ELEMENTS = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Everything that a structural check asks for; fails when elements are not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.wanted, self.headings, self.addresses = [], [], [], [], []
        self.unnamed, self.scripts = [], 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag not in VOID_ELEMENTS:
            self.open.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.wanted += found.get("aria-labelledby", "").split()
        self.wanted += re.findall(r"url\(#([^)]+)\)", " ".join(value or "" for value in found.values()))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.scripts += tag == "script"
        for name in ("href", "src"):
            if found.get(name, "").startswith("#"):
                self.wanted.append(found[name][1:])
            elif name in found:
                self.addresses.append(found[name])
        if tag == "svg" and found.get("aria-hidden") != "true":
            assert found.get("role") == "img"
            self.unnamed += [] if found.get("aria-labelledby") else ["svg"]
        if tag == "table":
            self.unnamed += [] if found.get("aria-labelledby") or found.get("aria-label") else ["table"]
        if tag == "img":
            self.unnamed += [] if found.get("alt") else ["img"]

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID_ELEMENTS:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())


@pytest.fixture
def text(made):
    return (made / "report.html").read_text(encoding="utf-8")


def in_words(text):
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<(style|svg).*?</\1>", "", text, flags=re.DOTALL)).split())


@pytest.mark.slow
def test_the_structure_is_sound(text):
    page = Page(text)

    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.wanted) <= set(page.ids)
    assert page.unnamed == []


def test_nothing_is_loaded_from_anywhere_and_nothing_runs(text, made):
    page = Page(text)

    assert page.scripts == 0
    assert "Content-Security-Policy" in text
    assert not re.search(r"@import|url\((?!#)", text)
    for address in page.addresses:
        assert address.startswith("data:image/svg+xml,") or (made / address).exists(), address


def test_it_begins_with_the_answers_and_one_chart_of_the_main_effects(text):
    words = in_words(text)
    answer = words.index("A monolith starts in 2.2 s, the microservices in 3.7 s.")

    assert answer < words.index("The main effects with their 95 % intervals")
    assert answer < words.index("Claims and verdicts")
    assert text.index('id="p_effects"') < text.index('id="claims"') < text.index('id="q_startup"')
    chart = text[text.index('<figure id="p_effects">') : text.index('id="claims"')]
    assert "restart of translate" in chart
    assert "both runtimes" not in chart, "the A/A pair is no effect"


def test_it_begins_with_the_claims_each_with_verdict_and_number(text):
    words = in_words(text)
    first_claim = words.index("does not hold Microservices start faster, because each is small.")

    assert first_claim < words.index("How long until the shop is there")
    assert re.search(r"The first page takes 1\.\d\d times as long \(1\.\d\d to 1\.\d\d, n = 5\)", words)
    assert re.search(r"not measured Only microservices scale", words)


def test_each_comparison_has_ratio_interval_n_and_verdict_in_words(text):
    words = in_words(text)

    assert "All here: less is better; Student&#39;s t." in words
    row = r"first page, Docker, warm micro ÷ mono 1\.\d\d 1\.\d\d to 1\.\d\d n = 5"
    assert re.search(rf"{row} mono is better", words)
    assert re.search(
        "broken invariants micro \u2212 mono; no interval, because nothing varied 0 n = 5 the same in", words
    )
    assert re.search(r"startup: first page, Docker, warm [01]\.\d\d \[0\.\d\d, 1\.\d\d\] \d blocks", words)


def test_void_and_skipped_trials_are_listed_with_their_reasons(text):
    words = in_words(text)

    assert "Invalid: 1 of 36 trials" in words.replace("\xa0", " ")
    assert "startup-0014 micro runtime docker failed: micro is not there after 120 s." in words
    assert "isolation-0046 mono fault payment: hang, rate 20 the load was not stationary: 41% of the window" in words
    assert "Energy: this machine has no counter for it." in words
    assert '<a href="trials/startup-0014/">' in text, "its folder is there"
    assert "trials/isolation-0046" not in text, "its folder is not"


def test_drift_is_told_of_each_compared_figure(text):
    words = in_words(text)

    assert re.search(r"startup: first_page_s \S+ % 0\.\d+ 35 no drift seen", words)
    assert "2 compared figures have too few valid trials, or no variation, to tell." in words.replace("\xa0", " ")


def test_it_says_on_what_it_was_measured_and_how_to_repeat_it(text, manifest):
    words = in_words(text)

    for expected in (
        "Example CPU 3000 at 2.4 GHz",
        "16.0\xa0GiB",
        "engine 27.5.1",
        "fastapi 0.115.6",
        "1\xa0h\xa046\xa0min",
    ):
        assert expected in words.replace("&nbsp;", "\xa0") or expected.replace("\xa0", " ") in words
    assert f"git checkout {manifest['machine']['commit']}" in words
    again = "uv run lab run startup isolation scaling --effort full --set &#39;tax.splits=translate out;micro&#39;"
    assert f"{again} --seed 4711" in words
    assert "the noise of these experiments is unknown" in words
    assert words.count("Before you read on") == 1
    assert "This run is" not in words


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"state": "interrupted"}, "This run is interrupted: 48 of 78 trials were made."),
        ({"effort": "smoke"}, "This run only proves that the lab works"),
        ({"effort": "quick"}, "This is a quick run"),
        ({"runtime_missing": "Docker cannot be used (no engine)."}, "Docker cannot be used (no engine)."),
        ({"machine": {"changed": True}}, "changes that were not committed"),
        ({"machine": {"cores": 1}}, "The machine has one processor"),
        ({"machine": {"load_before": [1.7, 1, 1]}}, "busy before the run began: its load average was 1.7"),
    ],
)
def test_what_weakens_a_run_is_said_before_the_first_number(change, warning, tmp_path, manifest, trials):
    words = in_words(make_report(tmp_path, manifest | change, trials, []).read_text(encoding="utf-8"))

    assert words.index(warning) < words.index("Claims and verdicts")


def test_an_empty_run_has_a_page_too(tmp_path):
    page = Page(make_report(tmp_path, {}, [], []).read_text(encoding="utf-8"))

    assert page.headings[0] == 1


def test_plots_and_tables_are_files_beside_it(made, sections):
    for section in sections:
        for plot in section.plots:
            assert (made / "plots" / f"{plot.name}.svg").read_bytes().startswith(b"<?xml")
            assert (made / "plots" / f"{plot.name}.png").read_bytes().startswith(b"\x89PNG")
        for table in section.tables:
            with (made / "tables" / f"{table.name}.csv").open(newline="") as file:
                assert [tuple(row) for row in csv.reader(file)] == [tuple(table.header), *map(tuple, table.rows)]


def small(name):
    """A section with one plot."""
    return Section("startup", "?", "!", plots=[Plot(name, "", lambda: ecdf({"mono": [1, 2], "micro": [3]}, x="s"))])


def all_bytes(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_files_of_an_earlier_report_are_gone(tmp_path):
    (tmp_path / "run.json").write_text("{}")
    for name in ("earlier", "later"):
        make_report(tmp_path, {}, [], [small(name)])

    assert set(all_bytes(tmp_path)) == {"run.json", "report.html", "plots/later.svg", "plots/later.png"}


def test_the_same_data_give_the_same_bytes(tmp_path, manifest, trials):
    for name in ("one", "other"):
        make_report(tmp_path / name, manifest, trials, [small("plot")])

    assert all_bytes(tmp_path / "one") == all_bytes(tmp_path / "other")


def test_a_long_table_is_folded_and_whole(tmp_path):
    rows = [[f"row {at}", "1"] for at in range(16)]
    tables = [Table("short", "", ["a", "b"], rows[:15]), Table("long", "", ["a", "b"], rows)]

    text = make_report(tmp_path, {}, [], [Section("startup", "?", "!", tables=tables)]).read_text(encoding="utf-8")

    assert "<summary>16 rows</summary>" in text
    assert text.count(" rows</summary>") == 1
    assert all(text.count(f">row {at}</th>") == 2 - (at == 15) for at in range(16))


def test_hostile_text_stays_text(tmp_path, manifest, trials):
    spec = replace(trials[0].spec, arm=HOSTILE, factors={HOSTILE: HOSTILE})
    hostile = replace(trials[0], spec=spec).voided(HOSTILE)
    section = Section(
        "startup", HOSTILE, HOSTILE,
        claims=[Claim(HOSTILE, "holds", HOSTILE)],
        plots=[Plot("plot", HOSTILE, lambda: ecdf({HOSTILE: [1, 2, 3]}, x=HOSTILE)),
               Plot("map", HOSTILE, lambda: heat_map({HOSTILE: [[0.5]]}, rows=[HOSTILE], columns=[HOSTILE]))],
        tables=[Table("table", HOSTILE, [HOSTILE, "b"], [[HOSTILE, HOSTILE]])],
        limits=[HOSTILE], skipped=[HOSTILE],
    )  # fmt: skip

    text = make_report(tmp_path, manifest | {"run": HOSTILE, "effort": HOSTILE}, [hostile], [section]).read_text()

    assert Page(text).scripts == 0
    assert "alert(&#39;&amp;&#34;$x$&#39;)" in text
    assert text.count(">&lt;script&gt;alert('&amp;\"$x$')&lt;/script&gt;") >= 3, "in the plots too, and no formula"


@pytest.mark.parametrize("name", ["../escape", "a b", "", "A", "x/y", "-x"])
def test_a_name_that_is_no_file_name_is_an_error(name, tmp_path):
    section = Section("startup", "?", "!", tables=[Table(name, "", ["a"], [])])

    with pytest.raises(ValueError, match="is not a valid name of a plot or table"):
        make_report(tmp_path, {}, [], [section])


def test_two_things_of_one_name_are_an_error(tmp_path):
    table = Table("same", "", ["a"], [])

    with pytest.raises(ValueError, match="two with the name `same`"):
        make_report(tmp_path, {}, [], [Section("startup", "?", "!", tables=[table, table])])


def test_a_ragged_table_is_an_error_and_leaves_the_old_report(tmp_path):
    make_report(tmp_path, {}, [], [small("plot")])
    before = all_bytes(tmp_path)
    ragged = Table("ragged", "", ["a", "b"], [["1"]])

    with pytest.raises(ValueError, match="Table ragged has 2 columns, and a row of 1"):
        make_report(tmp_path, {}, [], [Section("startup", "?", "!", tables=[ragged])])
    assert all_bytes(tmp_path) == before
