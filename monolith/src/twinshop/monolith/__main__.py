"""
Run all components in one process, or those in TWINSHOP_COMPONENTS: `python -m twinshop.monolith`.

`… migrate` only brings their databases up to date.
"""

from twinshop.contracts.components import NAMES
from twinshop.kit import program
from twinshop.monolith.settings import GroupSettings


def main() -> None:
    hosted = [name for name in NAMES if name in GroupSettings().components]
    name = "monolith" if len(hosted) == len(NAMES) else "+".join(hosted)
    program.main("twinshop.monolith", name, migrates=True)


if __name__ == "__main__":
    main()
