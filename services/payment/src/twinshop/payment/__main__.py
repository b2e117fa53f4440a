"""Run the payment alone: `python -m twinshop.payment`."""

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


def main() -> None:
    serve("twinshop.payment.app:create_app", "payment", ServerSettings())


if __name__ == "__main__":
    main()
