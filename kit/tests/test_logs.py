"""Log lines: JSON, whatever is logged."""

import json
import logging

import pytest
from pythonjsonlogger.json import JsonFormatter

from twinshop.kit import context, logs


def record(msg, *arguments, exc_info=None, **extra):
    made = logging.getLogger("probe").makeRecord("probe", logging.INFO, "f", 1, msg, arguments, exc_info, extra=extra)
    made.created = 1.5
    return made


@pytest.fixture(params=["-", "an-id"])
def request_id(request):
    token = context.request_id.set(request.param)
    yield request.param
    context.request_id.reset(token)


@pytest.mark.parametrize(
    "line",
    [
        record("request", status=200, path="/é", ms=1.5),
        record("%s of %s", 1, 2, none=None, list=[1, "a"]),
        record("%s", object, kind=object, several={1: (2,)}),
        record({"own": "fields"}),
        record("starting", color_message="\x1b[1mstarting"),
    ],
)
@pytest.mark.usefixtures("request_id")
def test_a_line_is_what_the_library_writes(line):
    formatter = logs.Formatter("%(message)s", static_fields={"process": "mono"})

    assert formatter.format(line) == JsonFormatter.format(formatter, line)
    assert json.loads(formatter.format(line))["time"] == "1970-01-01T00:00:01.500+00:00"


def test_a_crash_is_told_with_its_traceback():
    error = RuntimeError("why")
    line = record("crash", exc_info=(type(error), error, None))

    written = json.loads(logs.Formatter("%(message)s").format(line))
    assert written["exc_info"].endswith("RuntimeError: why")


def test_a_line_tells_its_request(request_id):
    written = json.loads(logs.Formatter("%(message)s").format(record("x")))

    assert written.get("request_id", "-") == request_id
