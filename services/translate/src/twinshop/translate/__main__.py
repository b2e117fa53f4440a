"""Run the translator alone: `python -m twinshop.translate`."""

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


def main() -> None:
    serve("twinshop.translate.app:create_app", "translate", ServerSettings())


if __name__ == "__main__":
    main()
