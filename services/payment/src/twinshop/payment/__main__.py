"""Run the payment alone, `python -m twinshop.payment`, or only bring its database up to date: `… migrate`."""

import sys

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


def main() -> None:
    match sys.argv[1:]:
        case ["migrate"]:
            from twinshop.kit.migrations import run  # noqa: PLC0415 - a server imports it with its app
            from twinshop.payment.app import upgrade  # noqa: PLC0415

            run(upgrade)
        case []:
            serve("twinshop.payment.app:create_app", "payment", ServerSettings())
        case _:
            sys.exit("usage: python -m twinshop.payment [migrate]")


if __name__ == "__main__":
    main()
