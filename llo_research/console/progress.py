"""Progress on stderr: a line when a step begins and one when it is done, with how many are done and seconds."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from llo_research.progress import LOGGER, Event


class Lines(logging.Handler):
    """Writes events as plain lines, the same to a terminal, a file and a narrow console."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream, self.start = stream, time.monotonic()
        self._begun: dict[tuple[str, str], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a terminal also hears that a step begins."""
        event = record.msg
        if not isinstance(event, Event):
            return
        now, key = time.monotonic(), (event.work, event.step)
        if event.begins:
            self._begun[key] = now
            if not self.stream.isatty():
                return
            said = "begins"
        else:
            said = f"{now - self._begun.pop(key, now):.1f} s"
        head = f"[{event.work} {event.done}/{event.total}, {now - self.start:.0f} s]"
        print(f"{head} {event.step}: {said}", file=self.stream, flush=True)


@contextmanager
def shown(quiet: bool) -> Iterator[None]:
    """Show progress on stderr while something runs, unless it is to be quiet."""
    if quiet:
        yield
        return
    lines, level = Lines(sys.stderr), LOGGER.level
    LOGGER.addHandler(lines)
    LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOGGER.removeHandler(lines)
        LOGGER.setLevel(level)
