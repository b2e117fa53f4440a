"""
What the tests of several folders share.

`ports` finds free ones, `waiting` waits for events, `stores` starts a Redis server, `purchases` buys through the API,
`tampering` stands between a client and a shop and changes answers, `products` builds products and catalogues,
`groupings` shapes.
Fixtures for every test are in the root `conftest.py`.
"""
