"""Bytes on the disk."""

import os
from pathlib import Path

BLOCK = 512
"""The unit of `st_blocks`, whatever the file system."""


def allocated(*places: Path, without: str | None = None) -> int:
    """
    Bytes that files and folders take, as `du` counts them: what a file with holes does not hold is left out.

    Args:
        places: files or folders; a file with several names counts once.
        without: folders of this name are left out.
    """
    seen: dict[tuple[int, int], int] = {}
    for place in places:
        _add(place, without, seen)
    return sum(seen.values())


def _add(place: Path, without: str | None, seen: dict[tuple[int, int], int]) -> None:
    stat = place.lstat()
    seen[stat.st_dev, stat.st_ino] = stat.st_blocks * BLOCK
    if place.is_dir() and not place.is_symlink():
        for entry in os.scandir(place):
            if entry.name != without:
                _add(Path(entry.path), without, seen)
