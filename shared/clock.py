"""Time as the contract has it."""

import time


def now() -> int:
    """Seconds since the epoch."""
    return int(time.time())


def padded(number: int, width: int = 20) -> str:
    """A non-negative number as text that sorts as the number does."""
    return f"{number:0{width}d}"
