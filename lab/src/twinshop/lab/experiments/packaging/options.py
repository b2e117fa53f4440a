"""What can be set of `twinshop run packaging`."""

from typing import Literal

from pydantic import Field

from twinshop.lab.experiments.options import Options


class PackagingOptions(Options):
    """Of the virtual machine."""

    NAME = "packaging"

    accelerator: Literal["auto", "kvm", "tcg"] = Field("auto", description="auto, kvm or tcg (emulated)")
