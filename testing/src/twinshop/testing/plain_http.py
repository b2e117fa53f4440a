"""
`httpx` for servers of this machine, none of which speaks TLS.

Every `httpx.get` and every client reads all certificate authorities otherwise: 30 ms of the processor, longer than most
answers that tests wait for.
"""

import ssl
from functools import partial

import httpx

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Client = partial(httpx.Client, verify=NO_TLS)
get = partial(httpx.get, verify=NO_TLS)
post = partial(httpx.post, verify=NO_TLS)
delete = partial(httpx.delete, verify=NO_TLS)
request = partial(httpx.request, verify=NO_TLS)
