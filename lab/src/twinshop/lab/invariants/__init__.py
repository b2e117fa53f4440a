"""
The invariants I1 to I7, which must hold whatever happens, checked after a run.

- `history`: what the clients know: checkouts acknowledged, refused, or without an answer; pieces put into carts.
- `books`: what the shop's own books say, order by order, read from the processes that keep them.
- `orders`, `stock`, `carts`: the checks, pure functions of the two.
- `checking`: wait until the shop has come to rest, read, check.
- `witness`: shoppers who fill carts throughout a run and look at the end whether everything is still there (I6).

A violation is a finding: it is counted and told, and never stops a run.
"""

from twinshop.lab.invariants.checking import check_environment
from twinshop.lab.invariants.history import Attempt, CartSeen, attempts_of
from twinshop.lab.invariants.verdict import INVARIANTS, Checked, Violation

__all__ = ["INVARIANTS", "Attempt", "CartSeen", "Checked", "Violation", "attempts_of", "check_environment"]
