"""
Greet once, or with a number of seconds as argument again and again until stopped.

    python3 docs/lessons/hello/hello.py
    python3 docs/lessons/hello/hello.py 1
"""

import platform
import signal
import sys
import time


def greet() -> None:
    print(f"Hello from {platform.node()}, Python {platform.python_version()}.", flush=True)


def stop(*_: object) -> None:
    """`docker stop` sends SIGTERM, which the first process of a container ignores unless it says otherwise."""
    print("Goodbye.", flush=True)
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    greet()
    while len(sys.argv) > 1:
        time.sleep(float(sys.argv[1]))
        greet()
