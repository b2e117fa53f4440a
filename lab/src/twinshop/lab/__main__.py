"""The command line: `twinshop`, its older name `lab`, or `python -m twinshop.lab`."""

import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from twinshop.lab.command_line import parse
from twinshop.lab.errors import LabError
from twinshop.lab.terminal import complain, json_only


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one verb.

    Returns:
        The exit code: 0 done, 1 done and something is wrong, 2 wrong usage, 3 the environment could not be made,
        130 interrupted.
    """
    chosen = parse(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        with json_only() if getattr(chosen, "json", False) else nullcontext():
            code: int = chosen.run(chosen)
    except LabError as error:
        complain(str(error))
        return error.exit_code
    except BrokenPipeError:  # `twinshop logs | head`
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        complain("Interrupted.")
        return 130
    return code


def _terminated(*_: object) -> None:
    """As Ctrl-C: whatever was started is stopped on the way out."""
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
