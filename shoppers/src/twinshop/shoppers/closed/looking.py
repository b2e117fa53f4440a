"""What a visitor looks at: the home page, categories, products."""

from twinshop.shoppers.checks import check_product_page, listed_products
from twinshop.shoppers.closed.visitor import Visitor
from twinshop.shoppers.goods import Product
from twinshop.shoppers.wrong import expect

SORTS = ("", "price", "-price")
"""How a category may be sorted; empty: as the shop likes."""


def see_home(visitor: Visitor) -> list[Product]:
    """Return the products on the home page, which leads to every category."""
    goods = visitor.goods
    with visitor.page("/", name="/") as home:
        products = listed_products(home, goods)
        expect(that=bool(products), otherwise="the home page shows no products")
        expect(that=home.categories >= goods.categories.keys(), otherwise="a category is missing")
    return products


def see_category(visitor: Visitor, slug: str, sort: str = "") -> list[Product]:
    """Return the products on all pages of a category: every one once, in the order asked for, none of another."""
    goods = visitor.goods
    url: str | None = f"/category/{slug}" + (f"?sort={sort}" if sort else "")
    found: list[Product] = []
    while url is not None:
        with visitor.page(url, name="/category/[slug]") as page:
            expect(that=page.heading == goods.categories[slug], otherwise="the page of another category")
            found += listed_products(page, goods)
            url = page.next_page
            if url is None:
                everything = {product.sku for product in goods.products.values() if product.category == slug}
                expect(that=len(found) == len(everything), otherwise="a category misses or repeats products")
                listed = {product.sku for product in found}
                expect(that=listed == everything, otherwise="a category lists products of another one")
            prices = [product.price for product in found]
            in_order = sorted(prices, reverse=sort == "-price")
            expect(that=not sort or prices == in_order, otherwise=f"not sorted by {sort}")
        visitor.wait()
    return found


def see_product(visitor: Visitor, product: Product) -> dict[str, str] | None:
    """Return the form to buy a product, from its page; None where it is sold out."""
    with visitor.page(f"/product/{product.sku}", name="/product/[sku]") as page:
        check_product_page(page, product, visitor.goods)
        return page.form("/cart/add", sku=product.sku)
