"""What can be set of `twinshop run startup`: nothing."""

from twinshop.lab.experiments.options import Options


class StartupOptions(Options):
    """It has none."""

    NAME = "startup"
