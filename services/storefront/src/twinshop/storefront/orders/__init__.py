"""
Orders: placing, finishing and reading them.

`submit` takes a checkout request from a page or from the API and applies one policy to both. `saga` is the purchase as
a sequence of idempotent steps over the components, `resume` completes orders that a storefront left unfinished,
`access` decides which orders a visitor may read. Nothing here knows of pages or of HTTP.
"""
