"""`python -m twinshop.storefront`: the storefront alone."""

from twinshop.kit import program


def main() -> None:
    program.main("twinshop.storefront", "storefront")


if __name__ == "__main__":
    main()
