"""What the benchmark asks of a shop: each kind of page, and a checkout. Every answer is checked."""

from functools import partial

from twinshop.lab.load.visitor import Visit, Visitor

CHECKOUT = "checkout"
_PRODUCT, _CARD, _SPANISH = "KIT-003", "/product/", {"accept-language": "es"}
_IN_SPANISH = 'lang="es"'
PAGES: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "home page": ("/", {}, (_CARD,)),
    "category": ("/category/kitchen", {}, (_CARD,)),
    "product": (f"/product/{_PRODUCT}", {}, (_PRODUCT,)),
    "search": ("/search?q=tea", {}, (_CARD,)),
    "cart": ("/cart", {}, (_CARD,)),
    "home page in Spanish": ("/", _SPANISH, (_CARD, _IN_SPANISH)),
    "product in Spanish": (f"/product/{_PRODUCT}", _SPANISH, (_PRODUCT, _IN_SPANISH)),
}
"""Path and headers of each page, and what it must show."""


def visits_of(visitor: Visitor) -> dict[str, Visit]:
    """Return one visit of each kind: every page, and a checkout, which is two requests."""
    pages: dict[str, Visit] = {
        name: partial(visitor.page, path, headers, *texts) for name, (path, headers, texts) in PAGES.items()
    }
    return {**pages, CHECKOUT: visitor.check_out}
