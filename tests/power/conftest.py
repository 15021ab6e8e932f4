"""What the tests of power cuts share: a place where files are memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def memory() -> Iterator[Path]:
    """Files that are memory: a cut is an image of its own, and there are hundreds."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)
