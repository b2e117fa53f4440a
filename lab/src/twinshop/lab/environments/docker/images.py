"""The images of the project."""

import re
from dataclasses import dataclass
from pathlib import Path

from twinshop.lab.errors import UsageError
from twinshop.lab.shapes import COMPONENTS, Process

SHARED = ("contracts", "kit")
"""Parts that stand in every image."""


@dataclass(frozen=True, slots=True)
class Image:
    """
    An image of ours.

    Attributes:
        name: such as `translate`.
        dockerfile: relative to the repository.
        parts: those of the source whose code stands in it.
    """

    name: str
    dockerfile: str
    parts: tuple[str, ...]

    @property
    def tag(self) -> str:
        return f"twinshop/{self.name}"


IMAGES = {
    **{name: Image(name, f"services/{name}/Dockerfile", (*SHARED, name)) for name in COMPONENTS},
    "monolith": Image("monolith", "monolith/Dockerfile", (*SHARED, *COMPONENTS, "monolith")),
}


def image_of(process: Process) -> Image:
    """That from which a process of a shape runs."""
    return IMAGES["monolith" if len(process.components) > 1 else process.name]


def chosen(names: list[str]) -> list[Image]:
    """Those meant by names or tags, each once; all of them without any."""
    short = [name.removeprefix("twinshop/").removesuffix(":latest") for name in names]
    unknown = [name for name in short if name not in IMAGES]
    if unknown:
        raise UsageError(f"unknown image '{unknown[0]}': choose from {', '.join(IMAGES)}")
    return [IMAGES[name] for name in dict.fromkeys(short or IMAGES)]


def own_instructions(dockerfile: Path) -> list[str]:
    """The keywords of the last stage after its FROM, in order: each becomes one entry in the history of the image."""
    text = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", dockerfile.read_text(encoding="utf-8")))
    keywords = [line.split()[0].upper() for line in text.splitlines() if line.strip()]
    last = len(keywords) - keywords[::-1].index("FROM")
    return keywords[last:]
