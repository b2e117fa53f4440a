"""What an environment said, for when it is gone."""

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import LabError


def keep_logs(environment: Environment) -> None:
    """The log of each part as a file under `logs/` in the environment's folder, or why there is none."""
    for part in environment.parts():
        try:
            text = environment.logs(part)
        except LabError as error:
            text = f"{error}\n"
        (environment.folder / "logs" / f"{part}.log").write_text(text, encoding="utf-8")
