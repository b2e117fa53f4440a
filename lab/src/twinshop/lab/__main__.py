"""The command line of the lab: `lab` or `python -m twinshop.lab`."""

import argparse
import signal
import sys
from collections.abc import Sequence

from twinshop.lab.bench import command as bench
from twinshop.lab.control import command as demo
from twinshop.lab.deployment import DeploymentError, commands
from twinshop.lab.deployment.terminal import complain
from twinshop.lab.experiments import commands as experiments
from twinshop.lab.experiments import report_commands as reports
from twinshop.lab.layers import command as layers
from twinshop.lab.load import command as load
from twinshop.lab.plan import command as plan
from twinshop.lab.torture import command as torture


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 only if it did what it was asked to."""
    parser = argparse.ArgumentParser(prog="lab", description="Bring Twinshop up in any shape, and measure it.")
    subparsers = parser.add_subparsers(required=True, metavar="command")
    commands.register(subparsers)
    bench.register(subparsers)
    demo.register(subparsers)
    experiments.register(subparsers)
    reports.register(subparsers)
    plan.register(subparsers)
    load.register(subparsers)
    layers.register(subparsers)
    torture.register(subparsers)
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code: int = chosen.run(chosen)
    except DeploymentError as error:
        complain(str(error))
        return 1
    except BrokenPipeError:  # `lab logs | head`
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
