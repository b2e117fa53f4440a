"""
The catalogue: products, search and stock, in one database of its own.

`service` (the port: the rules), `search` (reading products), `stock` (reservations and the audit), `tables` and
`migrations` (what is stored), `seed` (the data file becomes products), `folding` (text made comparable), `routes` (the
same over HTTP), `settings`, `app` (how they are put together). `data/catalogue.json` holds the products themselves.
"""
