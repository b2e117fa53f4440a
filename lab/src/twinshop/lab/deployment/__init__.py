"""
Bringing the shop up and down, in any shape, on the local runtime or under Docker.

- `shape`: which components share a process, as data; `mono`, `micro`, any grouping.
- `api`: `Deployment`, what every runtime offers, and `Status`, how one part is.
- `choose`: the deployment for a shape; the deployments there are.
- `local`: without Docker: `programs` (commands and their environment), `supervisord` (runs them, from the file that
  `supervisor_config` writes), `strays`, `readiness`, `ports`, `log_files`.
- `compose`: through Docker Compose; `docker` is the command itself.
- `site`: a shop under test; `twinshop.lab.site` implements it.
- `state`: the folder `.run`, where both keep what they need.
- `commands`, `terminal`: the command line.
"""

from twinshop.lab.deployment.api import Deployment, DeploymentError, Status
from twinshop.lab.deployment.choose import choose, known
from twinshop.lab.deployment.compose import ComposeDeployment
from twinshop.lab.deployment.local import LocalDeployment
from twinshop.lab.deployment.shape import MICRO, MONO, Process, Shape, parse

__all__ = [
    "MICRO",
    "MONO",
    "ComposeDeployment",
    "Deployment",
    "DeploymentError",
    "LocalDeployment",
    "Process",
    "Shape",
    "Status",
    "choose",
    "known",
    "parse",
]
