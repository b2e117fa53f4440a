"""Run the cart alone: `python -m twinshop.cart`."""

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


def main() -> None:
    serve("twinshop.cart.app:create_app", "cart", ServerSettings())


if __name__ == "__main__":
    main()
