"""Locust options of our own; the web UI offers them too."""

from argparse import Namespace
from typing import Any

from locust import events

from twinshop.shoppers.languages import CART


@events.init_command_line_parser.add_listener
def _add(parser: Any) -> None:  # noqa: ANN401 - Locust's own parser class
    # Straight into the parser: the web UI does not see what is in an argument group.
    parser.add_argument(
        "--languages",
        default=",".join(CART),
        env_var="TWINSHOP_LANGUAGES",
        help="What the shoppers speak: comma-separated codes. Default: %(default)s",
    )
    parser.add_argument(
        "--think-time",
        type=float,
        default=1.0,
        env_var="TWINSHOP_THINK_TIME",
        help="Mean pause of a shopper between two pages in seconds; 0 is as fast as one can. Default: %(default)s",
    )
    parser.add_argument(
        "--allow-degraded",
        action="store_true",
        env_var="TWINSHOP_ALLOW_DEGRADED",
        help="A page that says that a part of the shop is down is counted, but no failure (for failure experiments)",
    )


def languages(options: Namespace) -> tuple[str, ...]:
    """Those asked for; raises ValueError for one that the shop does not speak."""
    chosen = tuple(code.strip() for code in options.languages.split(",") if code.strip())
    unknown = [code for code in chosen if code not in CART]
    if unknown or not chosen:
        raise ValueError(f"--languages: {options.languages!r} is not a list of {', '.join(CART)}")
    return chosen
