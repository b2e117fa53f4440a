"""The calls to components that a storefront counts in its own metrics."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

FAMILY = "twinshop_component_call_seconds"
COUNT, SUM = f"{FAMILY}_count", f"{FAMILY}_sum"


def samples(exposition: str) -> Iterator[Sample]:
    """Yield the samples of these calls from a text of metrics, whose other families are not parsed."""
    ours = "".join(f"{line}\n" for line in exposition.splitlines() if FAMILY in line)
    for family in text_string_to_metric_families(ours):
        yield from family.samples
