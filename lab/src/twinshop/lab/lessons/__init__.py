"""
`twinshop check N`: what a student has done of a lesson, what is wrong or missing, and the measured results.

- `checks`: one function for each lesson, from what can be seen of the machine to findings.
- `machine`: what can be seen of it: processes, answers of the shops, logs, containers, images.
- `findings`: steps and figures, and how they are printed.
- `command`: the command.
"""
