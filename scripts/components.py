"""
Write what follows from the table of components (`twinshop.contracts.components`) into the files that need it.

In a file, the code between `[[[cog` and `]]]` writes the lines down to `[[[end]]]`, with the names below
(https://cog.readthedocs.io). The overlays of Kubernetes, which are alike, are written as a whole. A test fails on a
stale file.

    uv run python scripts/components.py
"""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cogapp import Cog

from twinshop.contracts.components import CALLED

ROOT = Path(__file__).parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
PROLOGUE = f"""
from twinshop.contracts.components import CALLED, COMPONENTS, NAMES, WITH_DATABASE, WITH_REDIS
from cog import outl
from json import dumps
PACKAGES = [f"twinshop.{{name}}" for name in NAMES]
VERSION = "{VERSION}"
"""
OVERLAY = """\
# The {name} component alone.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../../base]
components: [../../../components/{name}]
nameSuffix: -{name}
labels:
  - includeSelectors: true
    pairs: {{app.kubernetes.io/component: {name}}}
images: [{{name: twinshop/process, newName: twinshop/{name}}}]
patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {{name: twinshop}}
      spec:
        template:
          metadata:
            labels: {{role: back}}
          spec:
            containers:
              - name: process
                env:
                  - {{name: TWINSHOP_SHAPE, value: micro}}
"""


def derived() -> dict[Path, Callable[[], str]]:
    """Return for each file that derives from the table what makes its text."""
    folder = ROOT / "deploy/kubernetes/overlays/micro"
    whole = {folder / name / "kustomization.yaml": partial(OVERLAY.format, name=name) for name in CALLED}
    command = ["git", "grep", "--untracked", "--files-with-matches", r"^ *# \[\[\[cog"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    marked = [ROOT / name for name in found]
    return {**whole, **{path: partial(renewed, path) for path in marked}}


def renewed(path: Path) -> str:
    """Return a file's text with the lines between the marks rewritten."""
    cog = Cog()
    cog.options.prologue = PROLOGUE
    return str(cog.process_string(path.read_text(encoding="utf-8"), fname=path.name))


def main() -> int:
    """Write every file that is stale; return the exit code."""
    for path, make in derived().items():
        text = make()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
