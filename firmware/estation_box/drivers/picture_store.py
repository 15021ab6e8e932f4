"""The films' small pictures on the card, each in a file of its content id's name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from estation_box.library import said
from estation_box.library.interfaces import CardError

_NAME: Final = re.compile(r"[0-9a-f]{64}")


class PictureStore:
    """See `library.gallery.Gallery`."""

    def __init__(self, folder: Path) -> None:
        """Use (and make) ``folder``. Raises `CardError`."""
        self._folder = folder
        with _card():
            folder.mkdir(parents=True, exist_ok=True)

    def names(self) -> frozenset[str]:
        """See `Gallery.names`."""
        with _card(), os.scandir(self._folder) as entries:
            return frozenset(entry.name for entry in entries if _NAME.fullmatch(entry.name))

    def put(self, name: str, data: bytes) -> None:
        """See `Gallery.put`. Not durable at once: one that a power cut takes is fetched again, or not shown."""
        half = self._folder / f"{name}.new"
        with _card():
            half.write_bytes(data)
            half.replace(self._folder / name)

    def drop(self, name: str) -> None:
        """See `Gallery.drop`."""
        with _card():
            (self._folder / name).unlink(missing_ok=True)


def on_the_card(folder: Path) -> frozenset[str]:
    """The pictures in ``folder``; none where it cannot be read. Never raises."""
    try:
        return PictureStore(folder).names()
    except CardError:
        return frozenset()


@contextmanager
def _card() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CardError(said.BOX_FAULT, str(error)) from error
