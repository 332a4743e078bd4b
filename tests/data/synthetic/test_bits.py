"""Proves that random numbers are SplitMix64 at any place, distributed as they claim, a stream for each purpose."""

from __future__ import annotations

import numpy as np
from scipy import stats

from llo_research.data.synthetic.bits import bits, choose, key, normals, uniforms

# The first outputs of SplitMix64 from seed 1234567, as many implementations print them.
PUBLISHED = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
MANY = np.arange(400_000, dtype=np.int64)


def test_published_outputs() -> None:
    assert bits(np.uint64(1234567), np.arange(5, dtype=np.int64)).tolist() == PUBLISHED


def test_keys_are_those_of_the_seed_sequence() -> None:
    spawn = (3, *b"nea", 2021, 6, *b"sample", 0)
    expected = np.random.SeedSequence(20180907, spawn_key=spawn).generate_state(1, np.uint64)[0]
    assert key("nea", 2021, "sample", 0) == expected
    assert len({key("nea", year, purpose, seed) for year in (1, 2) for purpose in "ab" for seed in (0, 1)}) == 8
    assert key("ab", "c") != key("a", "bc")


def test_any_place_gives_the_same_numbers_as_the_whole_stream() -> None:
    stream, places = key("nea", 2020, "test"), np.array([7, 399_999, 0, 7], dtype=np.int64)
    assert np.array_equal(uniforms(stream, places), uniforms(stream, MANY)[places])
    assert np.array_equal(normals(stream, places), normals(stream, MANY)[places])


def test_distributions() -> None:
    u, z = uniforms(key("test", "u"), MANY), normals(key("test", "z"), MANY)
    assert u.min() >= 0 and u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > 0.001
    assert stats.kstest(z, "norm").pvalue > 0.001
    assert abs(z.mean()) < 4 / np.sqrt(len(z)) and abs(z.std() - 1) < 4 / np.sqrt(2 * len(z))
    # neighbours in a stream, and the same place in two streams, know nothing of each other
    other = normals(key("test", "y"), MANY)
    for pair in (np.corrcoef(z[1:], z[:-1])[0, 1], np.corrcoef(z, other)[0, 1]):
        assert abs(pair) < 4 / np.sqrt(len(z))


def test_categories_by_cumulated_shares() -> None:
    u = np.array([0.0, 0.19, 0.2, 0.69, 0.7, 0.999])
    assert choose(np.array([0.2, 0.5, 0.3]), u).tolist() == [0, 0, 1, 1, 2, 2]
