"""
The shoppers: `locust -f loadtests/ --host http://localhost:8100`.

Locust imports every file of the folder without a leading underscore, in this case this one alone, and takes the user
classes that it finds. There is no load shape here: one that Locust finds would take over from `--users`.
"""

from _browser import Browser
from _buyer import Buyer
from _searcher import Searcher

__all__ = ["Browser", "Buyer", "Searcher"]
