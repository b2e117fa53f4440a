"""Effects of a fault beside the calls: it holds memory, and it computes in threads."""

import mmap
from concurrent.futures import Future
from threading import Lock, Thread

MIB = 2**20


class Hoard:
    """
    Memory kept on purpose.

    Each piece is a mapping of its own: what an allocator hands out it may keep when it is freed.
    """

    def __init__(self, up_to_mib: float) -> None:
        self._left = int(up_to_mib * MIB)
        self._pieces: list[mmap.mmap] = []
        self._lock = Lock()

    def add(self, mib: float) -> None:
        """Hold more memory, in whole pages, up to the limit. Raises MemoryError if there is none left."""
        with self._lock:
            size = -(-int(min(mib * MIB, self._left)) // mmap.PAGESIZE) * mmap.PAGESIZE
            if size == 0:
                return
            try:
                piece = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            except OSError as error:
                raise MemoryError(f"no room for {size} bytes") from error
            piece[:: mmap.PAGESIZE] = b"\1" * (size // mmap.PAGESIZE)  # memory counts once it has been written to
            self._pieces.append(piece)
            self._left -= size

    def release(self) -> None:
        """Return all memory to the system; no more can be added."""
        with self._lock:
            self._left = 0
            while self._pieces:
                self._pieces.pop().close()


def spin(threads: int, over: Future[None]) -> None:
    """Compute in this number of threads until `over` is done."""

    def forever() -> None:
        while not over.done():
            sum(range(10_000))

    for number in range(threads):
        Thread(target=forever, name=f"fault-spin-{number}", daemon=True).start()
