"""
The generator of an open load, run by Locust as a child process: `locustfile`.

`dispatcher` lets sessions in, `alarm` wakes it in time, `session` times their requests, `journeys` is what they do,
`goods` what the shop says it sells, `connections` the HTTP client, `processor` the generator's own core. When an answer
is right is in `twinshop.shoppers`. Nothing else in the lab may import these: importing Locust patches sockets.
"""
