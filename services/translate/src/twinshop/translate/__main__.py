"""Run the translator alone: `python -m twinshop.translate`."""

from twinshop.kit import program


def main() -> None:
    program.main("twinshop.translate", "translate")


if __name__ == "__main__":
    main()
