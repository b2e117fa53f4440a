"""
The payment: the ledger of orders and their charges, and the acquirer that takes the money.

`service` (the port: what may happen to an order), `charging` (the part of it where money moves), `store` and `tables`
(the ledger, with `migrations`), `acquirer` (the company that charges cards: its protocol, and the built-in one for
tests) with `cards` (its test cards), `routes` (the port over HTTP), `settings`, `app` (how they are put together).

A card's number and code pass through; they are in no table, no log and no error.
"""
