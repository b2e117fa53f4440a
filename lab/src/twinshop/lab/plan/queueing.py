"""
Standard formulas of queues; times are in units of the mean service time.

Sources: Erlang's C by the recursion of his B formula (Kleinrock, Queueing Systems, vol. 1, 1975, 3.5 and 3.6); the mean
wait of a G/G/k queue as Allen and Cunneen approximate it (A. O. Allen, Probability, Statistics, and Queueing Theory,
2nd ed., 1990): E[W] = v C(k, u) / (k (1 - u)) service times, where v is half the sum of the squared coefficients of
variation of the times between arrivals and of the service times. It is exact for M/M/k, where v = 1, and for M/G/1
(Pollaczek and Khinchine).
"""

from math import inf

from scipy.optimize import brentq


def erlang_c(k: int, utilisation: float) -> float:
    """Return the probability of waiting in an M/M/k queue; 1 at a utilisation of 1 or more."""
    if utilisation >= 1:
        return 1.0
    offered, blocked = k * utilisation, 1.0
    for servers in range(1, k + 1):
        blocked = offered * blocked / (servers + offered * blocked)
    return blocked / (1 - utilisation * (1 - blocked))


def waiting(k: int, utilisation: float) -> float:
    """C(k, u) / (k (1 - u)): the mean wait for v = 1; infinite from a utilisation of 1 on."""
    return erlang_c(k, utilisation) / (k * (1 - utilisation)) if utilisation < 1 else inf


def utilisation_of(k: int, wait: float) -> float:
    """The utilisation at which `waiting` is `wait`."""
    if wait <= 0:
        return 0.0
    return float(brentq(lambda u: waiting(k, u) - wait, 0.0, 1 - 1e-9)) if wait < waiting(k, 1 - 1e-9) else 1.0
