"""What stands side by side is no result of one call; tables and figures know it by this type, without its makers."""

from __future__ import annotations

STARS = (0.05, 0.01, 0.001)


class SideBySide:
    """Several models beside each other."""
