"""A browser without JavaScript: cookies, forms, redirects; and a page as it reads it."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from .buyers import CARD, DELIVERY


class _Reader(HTMLParser):
    """Collects the forms with their fields, and pieces of text by tag and class."""

    def __init__(self, html):
        super().__init__()
        self.language, self.forms, self.texts, self.links = None, [], [], []
        self._open = []
        self._form = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = attributes.get("lang")
        elif tag == "a":
            self.links.append(attributes.get("href", ""))
        elif tag == "form":
            self._form = {"action": attributes["action"], "method": attributes.get("method", "get"), "fields": {}}
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None and "name" in attributes:
            self._form["fields"][attributes["name"]] = attributes.get("value", "")
        elif tag == "select" and self._form is not None:
            self._form["fields"].setdefault(attributes["name"], "")
        if tag not in {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"}:
            self._open.append([tag, attributes, ""])

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        while self._open:
            name, attributes, text = self._open.pop()
            self.texts.append((name, attributes, " ".join(text.split())))
            if name == tag:
                break


class Page:
    """An answer in HTML."""

    def __init__(self, browser, response):
        self.browser = browser
        self.status = response.status_code
        self.path = urlsplit(str(response.url)).path
        self.headers = response.headers
        self.html = response.text
        self._reader = _Reader(response.text)

    @property
    def language(self):
        return self._reader.language

    @property
    def links(self):
        return self._reader.links

    def texts(self, tag, class_=""):
        """What elements of this tag and class say."""
        found = self._reader.texts
        return [text for name, attributes, text in found if name == tag and class_ in attributes.get("class", "")]

    @property
    def heading(self):
        return self.texts("h1")[0]

    @property
    def text(self):
        return self.texts("body")[0]

    @property
    def notices(self):
        return self.texts("p", "notice")

    def form(self, action, **having):
        """The first form that posts there and has these values."""
        for form in self._reader.forms:
            if form["action"] == action and all(form["fields"].get(name) == value for name, value in having.items()):
                return form
        raise AssertionError(f"no form for {action} {having} on {self.path}")

    def submit(self, action, *, having=None, **values):
        """Fill in a form and send it, as a browser without JavaScript does."""
        form = self.form(action, **(having or {}))
        return self.browser.send(form["method"], action, {**form["fields"], **values})


class Browser:
    """Cookies, forms, redirects; nothing else."""

    def __init__(self, client):
        self.client = client

    def open(self, path):
        return Page(self, self.client.get(path))

    def send(self, method, path, fields):
        if method == "get":
            return Page(self, self.client.get(path, params=fields))
        return Page(self, self.client.post(path, data=fields, headers={"sec-fetch-site": "same-origin"}))

    def put_into_cart(self, sku, quantity=1):
        return self.open(f"/product/{sku}").submit("/cart/add", having={"sku": sku}, quantity=str(quantity))

    def pay(self, page=None, **values):
        card = {"card_number": CARD["number"], "expiry": f"12/{CARD['expiry_year'] % 100}", "code": CARD["code"]}
        return (page or self.open("/checkout")).submit("/checkout", **{**DELIVERY, **card, **values})
