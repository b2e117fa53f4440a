"""`python -m twinshop.monolith`: all components in one process, or those in TWINSHOP_COMPONENTS."""

from twinshop.kit.serve import serve
from twinshop.kit.settings import ServerSettings
from twinshop.monolith.settings import ALL, GroupSettings


def main() -> None:
    hosted = [name for name in ALL if name in GroupSettings().components]
    name = "monolith" if len(hosted) == len(ALL) else "+".join(hosted)
    serve("twinshop.monolith.app:create_app", name, ServerSettings())


if __name__ == "__main__":
    main()
