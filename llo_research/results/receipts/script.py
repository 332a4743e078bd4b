"""A script under construction: what its first lines say, what it needs, and its lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH = 110


@dataclass
class Script:
    """Notes of the first lines, packages and lines of a script.

    after : lines that come behind the table of answers.
    comment : what starts a line of comment; end : what ends it (SPSS: a full stop).
    """

    comment: str
    end: str = ""
    notes: list[str] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Say something in the first lines, once."""
        if text not in self.notes:
            self.notes.append(text)

    def towards(self) -> None:
        """Say in the first line that the numbers of the call are not all made."""
        self.notes[0] = re.sub(r"^The same numbers in \w+", "Towards the numbers of", self.notes[0])

    def need(self, *packages: str) -> None:
        """A package that the script uses."""
        self.packages += [name for name in packages if name not in self.packages]

    def add(self, *lines: str) -> None:
        """Lines of the script."""
        self.lines += lines

    def say(self, text: str) -> None:
        """A comment where the script stands."""
        self.lines += self.commented(text)

    def part(self, title: str) -> None:
        """A blank line and a comment that opens a part."""
        self.lines += ["", *self.commented(title)]

    def commented(self, text: str) -> list[str]:
        """A text as lines of comment."""
        rows = [row for line in text.splitlines() for row in textwrap.wrap(line, WIDTH - len(self.comment) - 1) or [""]]
        return [f"{self.comment} {row.rstrip(self.end) if self.end else row}{self.end}".rstrip() for row in rows]

    def text(self, loading: Sequence[str] = ()) -> str:
        """The whole script."""
        first = [line for note in self.notes for line in self.commented(note)]
        return "\n".join([*first, "", *loading, *self.lines]).rstrip() + "\n"
