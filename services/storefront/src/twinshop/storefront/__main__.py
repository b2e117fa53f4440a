"""`python -m twinshop.storefront`: the storefront alone."""

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


def main() -> None:
    serve("twinshop.storefront.app:create_app", "storefront", ServerSettings())


if __name__ == "__main__":
    main()
