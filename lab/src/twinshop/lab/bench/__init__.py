"""
`twinshop bench`: what the shape costs, measured side by side in one run.

- `startup`: from the start to the first good page and the first completed order, on either runtime; CPU time; memory.
- `pages`, `bare`: CPU time of each page and of a checkout, against a bare app that renders the same HTML.
- `throughput`: requests a second, latency and CPU time per request on one core.
- `calls`: CPU time of both sides of a call between components, against a bare client and a bare route.
- `keys`: CPU time that the key of such a call costs, on both sides.
- `size`, `synthetic`: how calls cost more in a shop with more products and orders, and the data for it.
- `images`: what each image adds to its base.
- `shop`: the environment; its visitors are `shoppers.visitor`.
- `report`: the tables, and the JSON under `results/`.

Ratios between the shapes are taken within a block, one shape right after the other, in alternating order: this is a
benchmark for the road, not the experiment. It never passes or fails.
"""
