"""The images of a data partition at any cut of its log of writes, one after the other. Each is a file of its own."""

from __future__ import annotations

import mmap
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.power_cut import Cut
from tests.support.write_log import Entry, Flag


class Replay:
    """Goes through a log once. ``folder`` holds two sparse images of the partition: best where a file is memory."""

    def __init__(self, before: Path, log: mmap.mmap, every: Sequence[Entry], folder: Path) -> None:
        """``before``: the partition as it was when the log began, which stays as it is."""
        self._log, self._every = log, every
        self._flushed, self._image = folder / "flushed.img", folder / "cut.img"
        self._at = 0
        _copy(before, self._flushed)

    def log_bytes(self, cut: Cut) -> int:
        """How long the log was when the power went: what was said when it was shorter was said before the cut."""
        last = self._every[cut.at - 1] if cut.at else None
        return last.data + last.length if last else 0

    @contextmanager
    def image(self, cut: Cut) -> Iterator[Path]:
        """The partition at this cut, which may be changed and is gone afterwards; cuts come in their order."""
        assert cut.flushed >= self._at, "the log is gone through once, forwards"
        with self._flushed.open("r+b") as file:
            for entry in self._every[self._at : cut.flushed]:
                self._put(file.fileno(), entry, entry.length)
        self._at = cut.flushed
        _copy(self._flushed, self._image)
        with self._image.open("r+b") as file:
            for number, length in cut.landed:
                self._put(file.fileno(), self._every[number], length)
        try:
            yield self._image
        finally:
            self._image.unlink()

    def _put(self, descriptor: int, entry: Entry, length: int) -> None:
        if Flag.DISCARD in entry.flags:
            os.pwrite(descriptor, bytes(length), entry.offset)
        elif length:
            with memoryview(self._log) as log, log[entry.data : entry.data + length] as written:
                assert os.pwrite(descriptor, written, entry.offset) == length


def _copy(source: Path, target: Path) -> None:
    """With its holes: of half a gigabyte a young card uses little."""
    subprocess.run(["cp", "--sparse=always", source, target], check=True, timeout=60, capture_output=True)
