"""`python -m twinshop.monolith`: all components in one process, or those in TWINSHOP_COMPONENTS."""

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings


def main() -> None:
    serve("twinshop.monolith.app:create_app", "monolith", ServerSettings())


if __name__ == "__main__":
    main()
