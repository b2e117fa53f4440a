"""Run the catalogue alone: `python -m twinshop.catalog`."""

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


def main() -> None:
    serve("twinshop.catalog.app:create_app", "catalog", ServerSettings())


if __name__ == "__main__":
    main()
