"""What can go wrong in the studio, told to the editor; and how the studio tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Hears what is being done, and how much of it is done (0 to 1)."""


class StudioError(Exception):
    """Something cannot be done; the text says what, and what to do."""


def silent(_words: str, _fraction: float) -> None:
    """A `Progress` that nobody hears."""
