"""
Packaging: the translate component as a virtual environment, as a container and as a virtual machine.

- `experiment`: makes each once, starts them in turn. `kinds` says what a packaging is to it.
- `venv`, `container`, `machine`: the three. A machine has a `disk` with the image's files, a `kernel`, and an
  `initramfs` that makes it run the component; `serial` is the way into it.
- `first_answer`: the first right answer. `probe` tries what may be done inside, `isolation` judges it from outside.
- `analysis`, `arms`: the claims; the trials by packaging. `section`, `tables`: its part of the report.
"""
