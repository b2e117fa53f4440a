"""What contention adds: the Universal Scalability Law beyond the budgets that were measured."""

from scipy.optimize import brentq

from twinshop.lab.errors import UsageError
from twinshop.lab.plan.model import Fitted

MOST = 1e6
"""Smallest budgets: no plan is larger."""


def more_than_linear(fitted: Fitted, rate: float) -> float:
    """
    How many times the processors of proportional growth it takes to carry a rate: 1 without a law.

    The largest budget that was measured carries what it did; beyond it efficiency falls as the law has it.

    Raises:
        LabError: by the law, no size carries it.
    """
    law = fitted.law
    if law is None:
        return 1.0
    largest = fitted.largest_budget / fitted.smallest_budget
    carried = max(law(largest), 1e-9)
    if rate <= carried:
        return 1.0
    top = min(max(((1 - law.a) / law.b) ** 0.5, largest) if law.b > 0 else MOST, MOST)
    if law(top) < rate:
        raise UsageError(
            f"{fitted.data.shape}: {rate:,.0f} requests/s cannot be reached at any size. By the scalability "
            f"law over its budgets (contention {law.a:.3g}, coherency {law.b:.3g}) the maximum is "
            f"{law(top):,.0f}."
        )
    needed = float(brentq(lambda n: law(n) - rate, largest, top)) if largest < top else largest
    return (needed / rate) / (largest / carried)
