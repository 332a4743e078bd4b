"""At which step of how many long work is: told through ``logging``, to whoever listens; the command ``llo`` does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LOGGER = logging.getLogger("llo_research.progress")


@dataclass(frozen=True)
class Event:
    """A step that begins or is done.

    done, total : how many steps are done, of how many.
    begins : whether the step begins; else it was done just now.
    """

    work: str
    step: str
    done: int
    total: int
    begins: bool

    def __str__(self) -> str:
        """As a log has it."""
        return f"{self.work}: {self.step} {'begins' if self.begins else 'done'} ({self.done} of {self.total})"


class Steps:
    """The steps of one piece of work; several may be under way at once.

    Parameters
    ----------
    work : str
        What the work is called.
    total : int
        How many steps it has.
    """

    def __init__(self, work: str, total: int) -> None:
        self.work, self.total = work, total
        self._done, self._lock = 0, threading.Lock()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step: told when it begins, and when it is done; one that stops with an error is not done."""
        with self._lock:
            LOGGER.info(Event(self.work, name, self._done, self.total, begins=True))
        yield
        with self._lock:
            self._done += 1
            LOGGER.info(Event(self.work, name, self._done, self.total, begins=False))
