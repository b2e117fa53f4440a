"""What a site said, for when it is gone."""

from twinshop.lab.environments.protocol import Site
from twinshop.lab.errors import LabError


def keep_logs(site: Site) -> None:
    """The log of each part as a file under `logs/` in the site's folder, or why there is none."""
    for part in site.parts():
        try:
            text = site.logs(part)
        except LabError as error:
            text = f"{error}\n"
        (site.folder / "logs" / f"{part}.log").write_text(text, encoding="utf-8")
