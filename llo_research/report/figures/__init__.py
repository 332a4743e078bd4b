"""Figures: axis, lines, dots, wording, and how they are saved."""
