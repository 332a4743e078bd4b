"""The differences that a statement on a gap that narrowed is made of."""

from __future__ import annotations

# of each difference the weights of four means: of at the base and later, minus at the base and later
NARROWING: dict[str, tuple[int, int, int, int]] = {
    "gap_base": (1, 0, -1, 0),
    "gap_later": (0, 1, 0, -1),
    "gap_change": (-1, 1, 1, -1),
    "gap_sum": (1, 1, -1, -1),
    "change_of": (-1, 1, 0, 0),
    "change_minus": (0, 0, -1, 1),
    "change_both": (-1, 1, -1, 1),
}
