"""Which code the processes of an environment run."""

import json

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.environments.request import ask
from twinshop.lab.errors import LabError

ANSWER_SECONDS = 1.0


def codes(environment: Environment, part: str, seconds: float = ANSWER_SECONDS) -> list[str]:
    """The digests that the replicas of a part tell at `/livez`; those that do not answer in time are left out."""
    try:
        urls = environment.control_urls(part)
    except LabError:  # between the end of one container and the beginning of the next there is none
        return []
    return [code for url in urls if (code := _code(url, seconds))]


def _code(url: str, seconds: float) -> str | None:
    try:
        answer = ask(url, "/livez", seconds=seconds)
        return str(json.loads(answer.body)["code"]) if answer.ok else None
    except (OSError, ValueError, KeyError):
        return None
