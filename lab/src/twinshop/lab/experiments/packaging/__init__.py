"""
Packaging: the translate component as a virtual environment, as a container and as a virtual machine.

- `experiment`: makes each once, starts them in turn. `kinds` says what a packaging is to it.
- `venv`, `container`, `machine`: the three. A machine has a `disk` with the image's files, a `kernel`, and an
  `initramfs` that makes it run the component; `serial` is the way into it.
- `asking`: the first right answer. `probe` tries what may be done from inside; `isolation` judges it from outside.
- `section`: its part of the report.

Options: `packaging.accelerator=auto|kvm|tcg`.
"""

from twinshop.lab.experiments.packaging.experiment import PackagingExperiment

EXPERIMENT = PackagingExperiment()
