"""The languages of the shop, by a word that stands on every page: a test compares them with the storefront's table."""

from collections.abc import Mapping

CART: Mapping[str, str] = {"en": "Cart", "es": "Cesta", "ca": "Cistella", "fr": "Panier", "de": "Warenkorb"}
"""What the link to the cart is called, in every language of the shop."""
