"""The ports over HTTP: one class each, the mirror of the component's `routes`."""

from twinshop.storefront.clients.cart import HttpCarts
from twinshop.storefront.clients.catalog import HttpCatalog
from twinshop.storefront.clients.payment import HttpPayments
from twinshop.storefront.clients.translate import HttpTranslator

__all__ = ["HttpCarts", "HttpCatalog", "HttpPayments", "HttpTranslator"]
