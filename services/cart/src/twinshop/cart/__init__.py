"""
The cart: what a shopper wants to buy, kept in Redis until it is bought or forgotten.

`service` (the port: the rules), `store` (Redis) with `change.lua` (one change, made whole inside Redis), `routes` (the
same over HTTP), `settings`, `app` (how they are put together). Prices are no concern of this component.
"""
