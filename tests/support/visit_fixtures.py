"""A publisher, its stick and a bare box, as the tests of library and provisioning want them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.library import Made, make_stick
from tests.support.sync_box import Box

VIDEO_BYTES = 3 * 1024 * 1024 + 123


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Four videos of a little over 3 MiB; the rule shows the last two. Do not change it."""
    return make_stick(tmp_path_factory.mktemp("library"), videos=4, size=VIDEO_BYTES)


@pytest.fixture
def made(original: Made, tmp_path: Path) -> Made:
    """A copy of studio and stick that the test may change."""
    studio, source, stick = tmp_path / "studio", tmp_path / "source", tmp_path / "stick"
    for whence, where in ((original.studio, studio), (original.source, source), (original.stick, stick)):
        shutil.copytree(whence, where)
    return original._replace(studio=studio, source=source, stick=stick, root=studio / "root.json")


@pytest.fixture
def box(original: Made, tmp_path: Path) -> Box:
    """A bare box of the same publisher."""
    return Box(tmp_path / "box", original.root)
