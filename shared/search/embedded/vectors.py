"""Vectors as a shard keeps them: a byte for each dimension, and a bit for each to find the likely ones by."""

import math
from array import array
from collections.abc import Sequence

_WHOLE = 127


def packed(vector: Sequence[float], dimension: int) -> bytes:
    """A vector by its direction, one signed byte for each dimension, filled up to whole bytes of bits.

    The largest is 127: cosines do not mind the length, and are right to about 0.003.
    """
    if len(vector) != dimension:
        raise ValueError(f"a vector of {len(vector)} dimensions, where the space has {dimension}")
    largest = max(map(abs, vector), default=0.0)
    if not math.isfinite(largest):
        raise ValueError("a vector that has something else than numbers")
    scale = _WHOLE / largest if largest else 0.0
    return array("b", [round(value * scale) for value in vector]).tobytes() + bytes(-dimension % 8)


def direction(exact: bytes) -> array[float]:
    """A packed vector as numbers, of length 1."""
    values = array("b", exact)
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return array("f", [value / length for value in values])


def centre(sample: Sequence[bytes]) -> bytes:
    """The middle of some packed vectors, as 32-bit numbers: bits say on which side of it a vector lies.

    Models put all texts into one corner of their space; seen from the origin many bits would be the same for all.
    """
    directions = [direction(exact) for exact in sample]
    return array("f", [sum(values) / len(directions) for values in zip(*directions, strict=True)]).tobytes()
