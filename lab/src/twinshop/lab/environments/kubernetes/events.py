"""What a cluster has to say about pods that do not become ready: it says so in events, not in logs."""

from twinshop.lab.environments.kubernetes.kubectl import Kubectl, Resource
from twinshop.lab.errors import LabError

USUAL = ("Unhealthy", "BackOff", "FailedToUpdateEndpoint", "FailedToUpdateEndpointSlices")
"""Every start has these: probes that come too early, and writers who meet."""
MOST = 5


def warnings(kubectl: Kubectl) -> str:
    """The latest warnings of a namespace, each once, as lines to go below an error; empty if there are none."""
    try:
        events = kubectl.items("events", "--field-selector", "type=Warning")
    except LabError:  # what is to be explained matters more than why it is not explained
        return ""
    told = [_line(each) for each in sorted(events, key=_time) if each.get("reason") not in USUAL]
    latest = list(dict.fromkeys(reversed(told)))[:MOST]
    return "\nThe cluster warns:\n" + "\n".join(f"    {line}" for line in latest) if latest else ""


def _line(event: Resource) -> str:
    name = event.get("involvedObject", {}).get("name", "?")
    return f"{name}: {event.get('reason', '')}: {' '.join(event.get('message', '').split())}"


def _time(event: Resource) -> str:
    """Of the newer kind of events and of the older."""
    return event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or ""
