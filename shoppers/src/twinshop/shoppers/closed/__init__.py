"""
Closed-loop shoppers for Locust: each waits for an answer before it goes on.

- `visitor`: asks, checks, looks at the pictures, thinks.
- `looking`, `searching`: what a visitor does on the pages of products.
- `customer`: fills a cart, changes it, pays; `paying` sends the checkout, `order_log` compares the orders afterwards.
- `outcome`: the result of the test; `options`: its options.
"""
