"""Run the payment alone, `python -m twinshop.payment`, or only bring its database up to date: `… migrate`."""

from twinshop.kit import program


def main() -> None:
    program.main("twinshop.payment", "payment", migrates=True)


if __name__ == "__main__":
    main()
