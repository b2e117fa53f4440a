"""
Documents and generated help avoid phrases that read as if translated word by word, and private words for known things.

CONTRIBUTING.md asks for British English in the field's own terms. Beside each phrase stands what to write instead.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTEAD = {
    r"anew": "again, or a verb with re-: rebuilt, restarted",
    r"whoever": "the actor: a client, a user, an attacker",
    r"nobody|no one else": "no client, no process, none; or say what does not happen",
    r"what came of": "the result",
    r"hurts?|hurting|unhurt": "inject a fault",
    r"heal(?:s|ed|ing)?": "revert (a fault), recover (a system)",
    r"(?:un)?planted?(?: into)?|planting": "inject",
    r"strikes?|struck": "affect",
    r"dose": "fault specification",
    r"bring(?:s|ing)? out": "deploy",
    r"the way back": "roll back",
    r"held against|holds? .{3,40} against": "compare with",
    r"hang together": "are correlated",
    r"foresaw|foreseen": "unhandled",
    r"looks? after|looked after": "supervise",
    r"go(?:es)? on shopping": "keep shopping",
    r"to be carried": "target load",
    r"is away": "is unavailable",
    r"wants? (?:a|an|the) ": "needs, requires",
    r"(?:well|be well) again": "recover",
    r"spoilt|spoils": "invalidate",
    r"in the midst": "during",
    r"are void|is void|void trials?": "invalid",
    r"guards?": "watchdog",
    r"store fronts?": "storefront",
    r"half-way": "unfinished",
    r"at work": "active",
    r"brought (?:out|up)": "deployed, started",
    r"(?:comes?|came) about": "succeed; could not be injected, opened",
    r"takes? along": "blast radius",
    r"vouch(?:es)? for": "say what is known, or unknown",
    r"is there twice": "appears twice",
    r"cannot bear": "is too small for",
    r"went well": "succeeded; good sessions",
}
BANNED = {re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE): words for pattern, words in INSTEAD.items()}
LISTED = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
DOCUMENTS = [
    ROOT / name
    for name in LISTED.split("\0")
    if name and (ROOT / name).is_file() and not name.startswith((".github/", "CODE_OF_CONDUCT"))
]

STORED = ("planting", "planted", "healed")
"""Names in stored runs, which stay as they were written: the code that reads them has to say them."""
PACKAGES = ("contracts", "kit", "services", "monolith", "lab", "loadtests", "shoppers", "testing", "scripts")


def prose(text):
    """The text without code, addresses and quotations of what a program prints."""
    return re.sub(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|https?://\S+|^    \S.*$", " ", text, flags=re.DOTALL | re.MULTILINE)


def found(text):
    one_line = " ".join(text.split())
    return [f"{match[0]!r}: write {words}" for pattern, words in BANNED.items() for match in pattern.finditer(one_line)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_uses_the_terms_of_the_field(document):
    assert found(prose(document.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_code_of_a_package_uses_them_too(package):
    files = [file for file in (ROOT / package).rglob("*.py") if "tests" not in file.parts]
    texts = {file: re.sub(rf'"({"|".join(STORED)})":', "", file.read_text(encoding="utf-8")) for file in files}
    wrong = [f"{file.relative_to(ROOT)}: {each}" for file, text in texts.items() for each in found(text)]

    assert files
    assert wrong == []
