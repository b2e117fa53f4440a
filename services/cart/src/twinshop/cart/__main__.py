"""Run the cart alone: `python -m twinshop.cart`."""

from twinshop.kit import program


def main() -> None:
    program.main("twinshop.cart", "cart")


if __name__ == "__main__":
    main()
