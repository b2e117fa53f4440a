"""Which code the processes of a site run."""

import json
import urllib.request

from twinshop.lab.deployment.api import DeploymentError
from twinshop.lab.deployment.site import Site

ANSWER_SECONDS = 1.0
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def codes(site: Site, part: str) -> list[str]:
    """The digests that the replicas of a part tell at `/livez`; those that do not answer are left out."""
    try:
        urls = site.control_urls(part)
    except DeploymentError:  # between the end of one container and the beginning of the next there is none
        return []
    return [code for url in urls if (code := _code(url))]


def _code(url: str) -> str | None:
    try:
        with _open(f"{url}/livez", timeout=ANSWER_SECONDS) as response:
            return str(json.loads(response.read())["code"])
    except (OSError, ValueError, KeyError):
        return None
