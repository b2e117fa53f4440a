"""
`twinshop check N`: what a student has done of a lesson, what is wrong or missing, and the measured results.

- `checks`: one function for each lesson, from what can be seen of the machine to findings; `images` has those of the
  lessons on images and containers.
- `machine`: what can be seen of it: processes, answers of the shops, logs, containers, images, times.
- `findings`: steps and figures, and how they are printed.
- `command`: the command.
"""
