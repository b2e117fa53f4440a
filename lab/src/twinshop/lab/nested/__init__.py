"""
`twinshop nested`: a virtual machine with a Docker engine inside, which runs an image of ours.

- `debian`: the machine's files, from Debian's packages; nothing is installed and no root is needed.
- `machine`: the machine, from the start of QEMU to its end, and the commands that are run in it.
- `measure`: what each layer costs, and what is seen from the host, the machine and the container.
- `report`: the result as text.
- `command`: the command.
"""

NAME = "nested"
"""Of the command, of its folder under `.run`, and of its results."""
