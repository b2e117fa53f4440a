"""The visitor's cart."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Request, Response
from pydantic import Field

from twinshop.contracts.cart import CartChange
from twinshop.contracts.catalog import Product
from twinshop.contracts.errors import Forbidden, Invalid, Malformed, NotFound, TooLarge, Unavailable, VersionMismatch
from twinshop.contracts.values import MAX_QUANTITY, Money, OpaqueId, Quantity, Sku, Value
from twinshop.kit.problems import documented
from twinshop.storefront.api import examples
from twinshop.storefront.api.visiting import Private, read_strictly
from twinshop.storefront.basket import Basket, priced, put_in
from twinshop.storefront.ids import new_id
from twinshop.storefront.shop import Shop
from twinshop.storefront.visitor import OwnSiteOnly, Visitors


class PricedLine(Value):
    """`product` is null, and `problem` says why, when the line cannot be bought as it is."""

    sku: Sku
    quantity: Quantity
    product: Product | None
    total: Money | None
    problem: str | None


class PricedCart(Value):
    """`total` is null while the catalogue is down or a product is gone."""

    version: int
    pieces: int
    lines: tuple[PricedLine, ...]
    total: Money | None
    can_check_out: bool


class Addition(Value):
    sku: Sku
    quantity: Quantity = 1


class NewQuantity(Value):
    quantity: int = Field(ge=0, le=MAX_QUANTITY, description="0 removes the line")
    expected_version: int | None = Field(default=None, ge=0, le=2**53)


ChangeId = Annotated[
    OpaqueId | None,
    Header(alias="Idempotency-Key", description="Names the change, so that sending it again changes nothing"),
]


def router(shop: Shop, visitors: Visitors) -> APIRouter:
    routes = APIRouter(prefix="/api/cart", tags=["cart"], dependencies=[Private])

    def answer(basket: Basket) -> PricedCart:
        return PricedCart(
            version=basket.version,
            pieces=basket.pieces,
            lines=tuple(
                PricedLine(
                    sku=line.sku, quantity=line.quantity, product=line.product, total=line.total, problem=line.problem
                )
                for line in basket.lines
            ),
            total=basket.total,
            can_check_out=basket.can_check_out,
        )

    @routes.get("", responses=documented(Invalid, Unavailable))
    async def cart(request: Request) -> PricedCart:
        visitor = await read_strictly(shop, visitors, request)
        return answer(await priced(shop, await shop.carts.get(visitor.identity.cart), visitor.identity.shopper))

    async def change(request: Request, response: Response, change: CartChange) -> PricedCart:
        visitor = await read_strictly(shop, visitors, request)
        if change.quantity:
            changed = await put_in(shop, visitor.identity.cart, change)
        else:  # whatever it is, it may go
            changed = await shop.carts.change(visitor.identity.cart, change)
        visitors.remember(visitor, response)
        return answer(await priced(shop, changed, visitor.identity.shopper))

    @routes.post(
        "/lines",
        dependencies=[OwnSiteOnly],
        responses=documented(Malformed, TooLarge, Forbidden, NotFound, Invalid, Unavailable),
    )
    async def add(
        request: Request,
        response: Response,
        body: Annotated[Addition, Body(openapi_examples=examples.ADDITION)],
        change_id: ChangeId = None,
    ) -> PricedCart:
        addition = CartChange(sku=body.sku, quantity=body.quantity, mode="add", change_id=change_id or new_id())
        return await change(request, response, addition)

    @routes.put(
        "/lines/{sku}",
        dependencies=[OwnSiteOnly],
        responses=documented(Malformed, TooLarge, Forbidden, NotFound, VersionMismatch, Invalid, Unavailable),
    )
    async def set_quantity(
        request: Request,
        response: Response,
        sku: Annotated[Sku, Path(openapi_examples=examples.PRODUCT)],
        body: Annotated[NewQuantity, Body(openapi_examples=examples.QUANTITY)],
        change_id: ChangeId = None,
    ) -> PricedCart:
        new = CartChange(
            sku=sku,
            quantity=body.quantity,
            mode="set",
            change_id=change_id or new_id(),
            expected_version=body.expected_version,
        )
        return await change(request, response, new)

    @routes.delete("/lines/{sku}", dependencies=[OwnSiteOnly], responses=documented(Forbidden, Invalid, Unavailable))
    async def remove(
        request: Request,
        response: Response,
        sku: Annotated[Sku, Path(openapi_examples=examples.OTHER_PRODUCT)],
        change_id: ChangeId = None,
    ) -> PricedCart:
        removal = CartChange(sku=sku, quantity=0, mode="set", change_id=change_id or new_id())
        return await change(request, response, removal)

    return routes
