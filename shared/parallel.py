"""Several waits at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_AT_ONCE = 8

A = TypeVar("A")
B = TypeVar("B")


def in_parallel(work: Callable[[A], B], values: Iterable[A]) -> list[B]:
    """`work` on each value, several at a time; results in order."""
    listed = list(values)
    if len(listed) < 2:
        return [work(value) for value in listed]
    with ThreadPoolExecutor(min(_AT_ONCE, len(listed))) as pool:
        return list(pool.map(work, listed))
