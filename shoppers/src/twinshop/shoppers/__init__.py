"""
Shoppers that check every answer of a shop: a load generator that only counts status codes passes a broken shop.

- `address`: where the shop is.
- `goods`: what it sells, as it says itself; `pages`: what a page says.
- `checks`: whether an answer is right.
- `purchase`: what a shopper sends to pay; `languages`: what the shop speaks.
- `closed`: the users of `loadtests/`; it needs Locust, which the modules above do not import.

The lab's open load (`twinshop.lab.load.open`), its benchmark and its torture use the same goods, checks and purchases.
"""
