"""
Whether this process sends traces: off unless the environment names an OTLP endpoint, by OpenTelemetry's own variables.

While it is off, `spans` is None, OpenTelemetry's SDK and exporter are not imported (`kit.spans` is where they would
be), no middleware is added and no call is wrapped. How to look at traces: docs/telemetry.md.
"""

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinshop.kit.spans import Spans

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SERVICE_NAME = "OTEL_SERVICE_NAME"

spans: "Spans | None" = None
"""Makes the spans of this process; None while it sends none."""

log = logging.getLogger(__name__)


def wanted() -> bool:
    """Whether an endpoint is named, and OpenTelemetry is not switched off."""
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not disabled and any(os.environ.get(name) for name in ENDPOINTS)


def name_process(name: str) -> None:
    """What this process and its workers are called in traces, unless the environment says otherwise."""
    if wanted():
        os.environ[SERVICE_NAME] = os.environ.get(SERVICE_NAME) or name


def begin(components: Sequence[str], shape: str) -> None:
    """Send traces from now on, if they are wanted. A process without the extra `tracing` says so and does without."""
    global spans  # noqa: PLW0603 - one for the process, as the metrics' registry is
    if spans is not None or not wanted():
        return
    try:
        from twinshop.kit.spans import Spans  # noqa: PLC0415 - see above
    except ImportError as error:
        log.warning("an endpoint for traces is set, but twinshop-kit[tracing] is not installed: %s", error)
        return
    spans = Spans(os.environ.get(SERVICE_NAME) or "+".join(components), components, shape)


def end() -> None:
    """Send the remaining spans and stop."""
    global spans  # noqa: PLW0603
    if spans is not None:
        spans.close()
        spans = None
