"""A stick and a recall that are broken off at any moment: done again, they are whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from estation_wire import stick as layout
from studio import recalling
from studio.files import block_list_of
from tests.studio.test_studio import documents
from tests.support.library import NOW, make_stick
from tests.support.sync_box import ROOT, Box
from tests.support.trusting import refreshed

KILLS = 10
KILLS_OF_A_SOAK = 200


def begun(*arguments: object) -> subprocess.Popen[bytes]:
    """The studio's command in a process of its own."""
    command = [sys.executable, "-m", "studio.command", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/central:{ROOT}/firmware"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def killed(chance: random.Random, *arguments: object) -> None:
    """The same, killed at a moment that nobody chose: past the imports, in the work or behind it."""
    child = begun(*arguments)
    time.sleep(chance.uniform(0.25, 0.9))
    child.kill()
    child.communicate()


def done(*arguments: object) -> None:
    """The same, to its end."""
    child = begun(*arguments)
    _, error = child.communicate(timeout=60)
    assert child.returncode == 0, error.decode()


def sticks_survive(tmp_path: Path, kills: int) -> None:
    made = make_stick(tmp_path, videos=6, size=3 * 2**20)
    bad = made.published.contents["video-0"]
    recalling.recall(made.studio, bad, now=NOW)
    stick = tmp_path / "killed"
    stick.mkdir()
    chance = random.Random(7)
    for _ in range(kills):
        part = sorted(path for path in stick.rglob("*") if path.is_file())
        for path in chance.sample(part, len(part) // 3):
            path.unlink()
        killed(chance, "stick", made.studio, stick, "--all-stations")
    done("stick", made.studio, stick, "--all-stations")
    for path in (stick / layout.CONTENT).glob("[0-9a-f]*"):
        assert block_list_of(path) == (stick / layout.BLOCKS / path.name).read_bytes()
    assert {path.name for path in (stick / layout.CONTENT).iterdir() if not path.name.startswith(".")} == {
        item.id for item in documents(made.studio)[0].items
    }
    assert refreshed(Box(tmp_path / "box", made.root), stick) is True


def test_a_stick_that_is_broken_off_is_whole_when_it_is_made_again(tmp_path: Path):
    """However often the desk's computer is switched off, the stick that it calls ready is good."""
    sticks_survive(tmp_path, KILLS)


@pytest.mark.soak
def test_a_stick_survives_two_hundred_kills(tmp_path: Path):
    """The same, two hundred times."""
    sticks_survive(tmp_path, KILLS_OF_A_SOAK)


def test_a_recall_that_is_broken_off_is_done_by_doing_it_again(tmp_path: Path):
    """Killed at any moment the film is either offered as before or gone from everything; repeated, it is gone."""
    made = make_stick(tmp_path, videos=3)
    recall = ("recall", made.studio, "Video 0", "--yes")
    chance = random.Random(5)
    for _ in range(KILLS):
        killed(chance, *recall)
        catalogue, programme, _ = documents(made.studio)
        bad = made.published.contents["video-0"]
        offered = bad in {item.id for item in catalogue.items}
        assert offered is (bad not in catalogue.recalled)
        assert offered or all(bad not in rule.contents for rule in programme.rules)
        if not offered:
            break
    else:
        done(*recall)
    assert documents(made.studio)[0].recalled == (made.published.contents["video-0"],)
