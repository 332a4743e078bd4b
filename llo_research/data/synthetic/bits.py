"""Random numbers that are the same on every machine: counters to bits to uniforms to normals, with exact arithmetic.

Nothing here uses a generator's distributions, the logarithm or a sum whose order depends on the machine: integers of 64
bits, one multiplication and one addition of doubles for each number.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

ROOT = 20180907  # the entropy of all populations; a change makes another world
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_CELLS = 4096
_END = 1.0 / 65536  # the outermost nodes lie at this probability


@cache
def key(*parts: str | int) -> np.uint64:
    """The 64-bit key of a stream, from ``SeedSequence`` with a spawn key of the instrument, the year and the purpose.

    Text parts count by their UTF-8 bytes, so that a stream keeps its key when others are added.
    """
    spawn: list[int] = []
    for part in parts:
        spawn += [len(part), *part.encode("utf-8")] if isinstance(part, str) else [part]
    sequence = np.random.SeedSequence(ROOT, spawn_key=tuple(spawn))
    return np.uint64(sequence.generate_state(1, np.uint64)[0])


def bits(stream: np.uint64, counter: Integers) -> Bits:
    """64 bits for each counter: SplitMix64 (Steele, Lea and Flood 2014) at any place of its stream.

    The bits of a person depend on the stream and the person's number only, so that a sample is drawn without drawing
    the population.
    """
    with np.errstate(over="ignore"):
        z = counter.astype(np.uint64)
        z += np.uint64(1)
        z *= _GOLDEN
        z += stream
        z ^= z >> np.uint64(30)
        z *= _FIRST
        z ^= z >> np.uint64(27)
        z *= _SECOND
        z ^= z >> np.uint64(31)
    return z


def uniforms(stream: np.uint64, counter: Integers) -> Floats:
    """Numbers in [0, 1) with 53 bits."""
    return (bits(stream, counter) >> np.uint64(11)).astype(np.float64) * 2.0**-53


@cache
def _nodes() -> tuple[Floats, Floats]:
    """Quantiles of the normal distribution at k/4096 and the steps between them, to nine decimals."""
    inverse = NormalDist().inv_cdf
    inner = [inverse(k / _CELLS) for k in range(1, _CELLS)]
    values = np.array([round(x, 9) for x in [inverse(_END), *inner, inverse(1 - _END)]])
    return values, np.diff(values)


def normals(stream: np.uint64, counter: Integers) -> Floats:
    """Standard normal numbers: the inverse distribution function, linear between 4,097 nodes.

    Their standard deviation is 1 to four decimals; beyond 3.5 the tails are cut at 4.2.
    """
    z = bits(stream, counter)
    cell = (z >> np.uint64(52)).astype(np.int64)
    part = ((z >> np.uint64(11)) & np.uint64((1 << 41) - 1)).astype(np.float64) * 2.0**-41
    values, steps = _nodes()
    part *= steps[cell]
    part += values[cell]
    return part


def choose(shares: Floats, u: Floats) -> Integers:
    """The category of each uniform number, by cumulated shares."""
    edges = np.cumsum(shares)[:-1]
    return np.searchsorted(edges, u, side="right").astype(np.int64)
