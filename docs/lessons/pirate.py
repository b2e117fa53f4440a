"""
A translator of another make: the contract of the translate component, and nothing else of Twinshop.

    python3 docs/lessons/pirate.py 8399

It speaks pirate, whatever language it is asked for. Only Python's standard library is used: that it is Python at all is
by chance, what matters is that it answers `POST /translate/texts` and `GET /translate/pairs` as the contract says.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = {"the": "th'", "you": "ye", "your": "yer", "my": "me", "is": "be", "are": "be", "and": "an'", "of": "o'"}


def spoken(text: str) -> str:
    """Arr."""
    return "Arr, " + " ".join(WORDS.get(word.lower(), word) for word in text.split(" "))


class Pirate(BaseHTTPRequestHandler):
    """One thread for each connection, which the store front keeps open."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """`POST /translate/texts`: the translations in the order of the texts."""
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.answer([{"text": spoken(text), "origin": "engine", "engine": "pirate"} for text in request["texts"]])

    def do_GET(self) -> None:
        """`GET /translate/pairs`: it promises nothing."""
        self.answer([])

    def answer(self, value: object) -> None:
        """With status 200."""
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Pirate).serve_forever()
