"""Shoppers that check every answer: `visitor` looks and buys as a browser does; `purchase` is what any of them pays with."""
