"""Structured logs: one JSON object a line on standard output, each with the request id and the components hosted."""

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from twinshop.kit import context


class Formatter(JsonFormatter):
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


def configuration(level: str, **always: str) -> dict[str, Any]:
    """
    For `logging.config.dictConfig`: all logging to standard output as JSON, each line with the members in `always`.

    A dictionary, because every worker of a server configures its own logging from it.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": f"{__name__}.Formatter", "fmt": "%(message)s", "static_fields": always}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"level": level, "handlers": ["stdout"]},
        "loggers": {
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.error": {"handlers": [], "propagate": True},
            "alembic.runtime.plugins": {"level": "WARNING"},  # lists its plugins at every start
        },
    }
