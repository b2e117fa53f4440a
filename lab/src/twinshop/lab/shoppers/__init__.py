"""Shoppers that check every answer: `visitor` looks and buys as a browser does, `purchase` is what they pay with."""
