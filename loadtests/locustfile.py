"""
The users of the load test, their tasks and weights: `locust -f loadtests/ --host http://localhost:8100`.

What they do on a page and when an answer is right is in the package `twinshop.shoppers`. There is no load shape here:
one that Locust finds would take over from `--users`.
"""

import random
import re

from locust import task

from twinshop.shoppers.closed.customer import Customer
from twinshop.shoppers.closed.looking import SORTS, see_category, see_home, see_product
from twinshop.shoppers.closed.searching import find, find_nothing, speak
from twinshop.shoppers.closed.visitor import Visitor


class Browser(Visitor):
    """Looks around and buys nothing, as most visitors of any shop."""

    weight = 5

    @task
    def look_around(self) -> None:
        products = see_home(self)
        self.wait()
        for slug in random.sample(sorted(self.goods.categories), k=random.choice([1, 1, 2])):
            products += see_category(self, slug, random.choice(["", *SORTS]))
        for product in random.sample(products, k=min(len(products), random.choice([1, 2, 3]))):
            see_product(self, product)
            self.wait()


class Searcher(Visitor):
    """Changes the language with the picker, searches for a product by its name there, looks at it."""

    weight = 2

    @task
    def search(self) -> None:
        speak(self, random.choice(self.languages))
        self.wait()
        product = random.choice(list(self.goods.products.values()))
        find(self, product, product.name)
        self.wait()
        see_product(self, product)
        self.wait()
        find(self, product, max(re.findall(r"\w+", product.name), key=len))
        find(self, product, self.goods_in("en").products[product.sku].name)
        find_nothing(self)


class Buyer(Customer):
    """Fills a cart, changes it, and pays; one first card in ten is declined."""

    weight = 3

    @task
    def buy(self) -> None:
        self.arrive()
        for _ in range(random.choice([1, 1, 2, 3])):
            self.add_something()
            self.wait()
        if random.random() < 0.4:
            self.change_mind()
        form = self.ready_to_pay()
        if form is None:
            return  # all of it is sold out
        self.wait()
        if random.random() < 0.1:
            self.be_declined(form)
            self.wait()
        self.check_out(form)
