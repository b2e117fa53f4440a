"""
What the components promise each other.

One module per port (`catalog`, `cart`, `payment`, `translate`): the values that cross it, frozen because a caller in
the same process must not see more than a caller over HTTP, and the `Protocol` that both the service class and its HTTP
client implement. `errors` is the one tree of what can go wrong, `components` the list of the components. Nothing here
knows HTTP, a database or a framework.
"""
