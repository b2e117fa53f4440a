"""Structured logs: one JSON object a line on standard output, each with the request id and the components hosted."""

import logging
import sys
from datetime import UTC, datetime

from pythonjsonlogger.json import JsonFormatter

from twinshop.kit import context


class _Formatter(JsonFormatter):
    def add_fields(
        self, log_data: dict[str, object], record: logging.LogRecord, message_dict: dict[str, object]
    ) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        if (request_id := context.request_id.get()) != "-":
            log_data["request_id"] = request_id
        super().add_fields(log_data, record, message_dict)
        log_data.pop("color_message", None)  # uvicorn's message again, for terminals


def configure(level: str, **always: str) -> None:
    """Send all logging of the process to standard output as JSON, each line with the members in `always`."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Formatter("%(message)s", static_fields=always))
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # lists its plugins at every start
