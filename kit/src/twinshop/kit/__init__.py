"""
The code that all components share for HTTP; it knows nothing about the shop itself.

Serving: `app` (the factory), `component` (what it is made of), `edge` (request id, size limit, metrics, access log),
`problems` (errors as RFC 9457), `health`, `metrics`, `logs`, `serve`, `startup` (when it got where). Calling: `client`
(timeout, retry, error mapping), `breaker`, `observe` (which calls a request made). Storing: `database`, `migrations`.
Fault injection: `faults`.
"""

from twinshop.kit import startup as startup  # before anything heavy: it notes the moment
