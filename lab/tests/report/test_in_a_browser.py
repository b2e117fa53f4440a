"""The page in a real browser: nothing loaded, nothing beyond the edge of a phone, all text legible in both schemes."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180), pytest.mark.xdist_group("report")]

BEYOND = """() => [...document.querySelectorAll("main *, header *")]
  .filter(each => !each.closest("svg, pre, .skip, .scroll table, .answers h2"))
  .filter(each => each.getClientRects().length && each.getBoundingClientRect().right > innerWidth + 0.5)
  .map(each => each.outerHTML.slice(0, 80))"""
FAINT = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour[3] === 255) return colour;
    }
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || !element.getClientRects().length || element.matches("svg")) continue;
    const [low, high] = [luminance(rgba(getComputedStyle(element).color)), luminance(ground(element))].sort();
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 90)}`);
  }
  return faint;
}"""
OVERLAPPING = """() => [...document.querySelectorAll("figure svg")]
  .filter(svg => svg.getClientRects().length)
  .flatMap(svg => {
    const texts = [...svg.querySelectorAll("text")]
      .filter(text => /rotate\\(-?0[ )]/.test(text.getAttribute("transform")))
      .map(text => [text.textContent, text.getBoundingClientRect()]);
    return texts.flatMap(([one, a], at) => texts.slice(at + 1)
      .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
                      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
      .map(([other]) => `${one} | ${other}`));
  })"""
"""Boxes of upright texts that lie on each other."""


@pytest.fixture
def show(browser, made):
    """Opens the page; whatever it loads or complains of fails the test."""
    contexts, wrong, address = [], [], (made / "report.html").as_uri()

    def show(width, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url))
        page.goto(address)
        return page

    yield show
    for context in contexts:
        context.close()
    assert set(wrong) <= {address}


UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("unfolded", [False, True])
def test_axe_finds_nothing(show, width, unfolded):
    page = show(width)
    if unfolded:
        page.evaluate(UNFOLD)

    assert [each["id"] for each in Axe().run(page).response["violations"]] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_answers_are_on_the_first_screen_and_the_contents_always(show, width):
    page = show(width)
    answers = page.locator(".headlines")

    assert answers.bounding_box()["y"] + answers.bounding_box()["height"] < 900
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    link = page.get_by_role("navigation", name="Contents").get_by_role("link", name="Answers")
    assert 0 <= link.bounding_box()["y"] < 900


@pytest.mark.parametrize("width", [320, 360, 600, 1280])
@pytest.mark.parametrize("unfolded", [False, True])
def test_nothing_is_beyond_the_edge(show, width, unfolded):
    page = show(width)
    if unfolded:
        page.evaluate(UNFOLD)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(BEYOND) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_legible(show, scheme):
    page = show(1000, scheme)
    page.evaluate(UNFOLD)

    assert page.evaluate(FAINT) == []


def test_the_schemes_differ_in_the_plots_too(show):
    colours = "getComputedStyle(document.querySelector('figure .wide svg path')).fill"

    assert show(1000, "light").evaluate(colours) == "rgb(254, 254, 254)"
    assert show(1000, "dark").evaluate(colours) == "rgb(23, 34, 36)"


@pytest.mark.parametrize(("width", "shown", "hidden"), [(360, "narrow", "wide"), (1280, "wide", "narrow")])
def test_a_phone_has_its_own_drawing(show, width, shown, hidden):
    page = show(width)

    assert page.locator(f"figure .{shown} svg").first.is_visible()
    assert page.locator(f"figure .{hidden} svg:visible").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_no_text_of_a_plot_covers_another(show, width):
    page = show(width)
    page.evaluate(UNFOLD)

    assert page.locator("figure svg text[transform^='rotate(-0']:visible").count() > 50
    assert page.evaluate(OVERLAPPING) == []


def test_text_of_plots_on_a_phone_is_large_enough_to_read(show):
    page = show(360)
    page.evaluate(UNFOLD)
    sizes = page.evaluate(
        "[...document.querySelectorAll('figure .narrow text')].map(each => each.getBoundingClientRect().height)"
    )

    assert min(sizes) >= 10


def test_comparisons_are_a_table_on_a_phone_too(show):
    page = show(360)
    page.evaluate(UNFOLD)
    table = page.get_by_role("table", name="Ratios and differences").first

    assert table.get_by_role("row").count() == 6
    assert table.get_by_role("rowheader", name="restart of translate").is_visible()


def test_on_paper_everything_is_there_and_light(show):
    page = show(680, "dark")
    page.emulate_media(media="print")

    assert page.evaluate("document.documentElement.scrollWidth") <= 680, "A4 between its margins"
    assert page.get_by_text("isolation-0047").is_visible(), "what is folded on the screen"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(21, 41, 43)"
    assert page.evaluate(FAINT) == []
