"""
Hooks of mkdocs.yml: pages from outside docs/, and links that leave the site.

Documents link to each other as files of the repository, so that they work in an editor and in a code browser. The site
also shows the documents that stand beside the code. A link to any other file becomes the file's path, since there is no
public repository yet whose address it could have.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from twinshop.contracts.components import NAMES

ROOT = Path(__file__).parents[1]
BESIDE_THE_CODE = {
    **{f"services/{name}/README.md": f"project/{name}.md" for name in NAMES},
    "monolith/README.md": "project/monolith.md",
    "loadtests/README.md": "project/loadtests.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "SECURITY.md": "project/security-policy.md",
    "CODE_OF_CONDUCT.md": "project/code-of-conduct.md",
    "README.md": "index.md",
}
"""Documents outside docs/ and their pages. The README is for the repository; the site has a home page of its own."""
PLACES = {page: source for source, page in BESIDE_THE_CODE.items() if source != "README.md"}
SHIM = "https://unpkg.com/iframe-worker/shim"
"""What the offline plugin of the theme loads."""
LINK = re.compile(r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents that stand beside the code."""
    for page, source in PLACES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Load the shim that makes search work without a server from the site itself, and not from a CDN."""
    del config
    return output.replace(SHIM, posixpath.relpath("vendor/iframe-worker.js", posixpath.dirname(page.url) or "."))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links to other documents at their pages, and turn links to sources into paths."""
    del config
    known = {file.src_uri for file in files}
    parts = CODE.split(markdown)
    return "".join(part if at % 2 else linked(part, page.file.src_uri, known) for at, part in enumerate(parts))


def linked(text: str, page: str, known: set[str]) -> str:
    """Return the text with the links of a page as the site needs them."""

    def link(match: re.Match[str]) -> str:
        path, mark, anchor = match["target"].partition("#")
        if not path or re.match(r"[a-z]+:", path):
            return match[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(PLACES.get(page, f"docs/{page}")), path))
        target = BESIDE_THE_CODE.get(file) or file.removeprefix("docs/")
        if file in BESIDE_THE_CODE or (file.startswith("docs/") and target in known):
            return f"[{match['text']}]({posixpath.relpath(target, posixpath.dirname(page) or '.')}{mark}{anchor})"
        if file.startswith("docs/") and not (ROOT / file).is_dir():
            return match[0]  # a broken link: left as it is, so that the strict build reports it
        return f"{match['text']} (`{file}`)"

    return LINK.sub(link, text)
