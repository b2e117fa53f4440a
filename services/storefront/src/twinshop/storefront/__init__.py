"""
The storefront: the only component that people meet, and the only one that calls the others.

`shop` names the four ports it calls and `wiring` fills them with HTTP clients (`clients/`); the monolith fills them
with the services themselves. `orders/` is the one use case that spans components: placing an order, and finishing those
that a storefront that died left behind. `pages/` answers people, `api/` answers programs; both stand on `orders`,
`visitor` (who is asking), `language` (which one, and the texts that are data in it), `interface` (the words of the
pages), `basket` (what is in the cart, priced) and `finder` (search in any language). Neither knows the other.
"""
