"""Two builds of the image from the same packages are the same, bit for bit."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = ROOT / "build/image"
BUILD_SECONDS = 1800


def sums(folder: Path) -> dict[str, str]:
    """What a build leaves, file by file; where two differ, the name says in which step."""
    names = ("sbom.cdx.json", "system.img", "system.verity", "initrd", "estation.img")
    found = {}
    for name in names:
        with (folder / name).open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


@pytest.mark.system
@pytest.mark.soak
@pytest.mark.timeout(BUILD_SECONDS)
def test_a_card_can_be_made_again_and_is_the_same(tmp_path):
    """Who doubts a card builds it from the same packages and compares one number."""
    environment = {**os.environ, "WORK": str(tmp_path), "TRUST": ""}
    subprocess.run([ROOT / "firmware/image/build"], check=True, env=environment, timeout=BUILD_SECONDS)
    assert sums(tmp_path) == sums(MADE)
