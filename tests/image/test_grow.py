"""The data partition goes up to the end of whatever card there is, and a cut in the middle costs nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GROW = ROOT / "firmware/image/initrd/grow"
MIB = 2048  # sectors
GROWN, AS_IT_IS, STRANGE = 0, 1, 2


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card of 8 GiB and a little, with the image's own table on it; the file is sparse."""
    path = tmp_path / "card.img"
    path.write_bytes(b"")
    make = f'truncate -s "${{card_mib}}M" {path}; table | sfdisk -q --no-reread {path}'
    subprocess.run(["bash", "-ec", f"source firmware/image/stages/layout; {make}"], cwd=ROOT, check=True, timeout=60)
    os.truncate(path, (8 << 30) + 512 * 777)
    return path


def parts(card: Path) -> dict[int, tuple[int, int]]:
    """Start and size of each partition as sfdisk, which is not ours, reads the table."""
    told = subprocess.run(["sfdisk", "--json", card], capture_output=True, check=True, timeout=60).stdout
    listed = json.loads(told)["partitiontable"]["partitions"]
    return {int(part["node"].removeprefix(str(card))): (part["start"], part["size"]) for part in listed}


def table(card: Path) -> bytes:
    """The first sector; all the rest of a card is more than there is memory for."""
    with card.open("rb") as file:
        return file.read(512)


def sectors(card: Path) -> int:
    return card.stat().st_size // 512


def grow(card: Path, path: str = "") -> int:
    environment = {"PATH": f"{path}:{os.environ['PATH']}"}
    command = ["sh", str(GROW), str(card), str(sectors(card))]
    return subprocess.run(command, check=False, timeout=60, env=environment).returncode


def test_the_last_partition_goes_up_to_the_cards_end_and_no_other_moves(card):
    """What a larger card was bought for is there at the first start."""
    before = parts(card)
    assert grow(card) == GROWN
    after = parts(card)
    assert {n: after[n] for n in (1, 2, 3, 5, 6)} == {n: before[n] for n in (1, 2, 3, 5, 6)}
    assert after[7] == (before[7][0], 8192 * MIB - before[7][0])
    assert after[4][0] + after[4][1] == 8192 * MIB
    assert subprocess.run(["sfdisk", "--verify", card], check=False, timeout=60, capture_output=True).returncode == 0
    assert grow(card) == AS_IT_IS


@pytest.mark.parametrize("writes", range(3))
def test_a_cut_between_two_writes_leaves_a_whole_table_and_the_next_boot_goes_on(card, tmp_path, writes):
    """The plug is pulled while the table is written: every partition is where it was, the next start does the rest."""
    before = parts(card)
    shims = tmp_path / "shims"
    shims.mkdir()
    count = tmp_path / "count"
    count.write_text("")
    cut = f"[ $(wc -c <{count}) -lt {writes} ] || {{ kill -9 $PPID; exit 9; }}\nprintf . >>{count}\n"
    (shims / "dd").write_text(f'#!/bin/sh\n{cut}exec {shutil.which("dd")} "$@"\n')
    (shims / "dd").chmod(0o755)
    assert grow(card, str(shims)) < 0
    assert len(count.read_text()) == writes
    between = parts(card)
    assert {n: between[n] for n in (1, 2, 3, 5, 6, 7)} == {n: before[n] for n in (1, 2, 3, 5, 6, 7)}
    assert grow(card) == GROWN
    assert parts(card)[7][1] == 8192 * MIB - before[7][0]


def test_a_card_as_large_as_the_image_is_left_alone(card):
    """A card without room to spare is written to no more than before."""
    start, size = parts(card)[7]
    os.truncate(card, (start + size) * 512 + 512 * 2000)
    before = table(card)
    assert grow(card) == AS_IT_IS
    assert table(card) == before


@pytest.mark.parametrize("where", [502, 446 + 512 * 276 * MIB + 16])
def test_a_table_that_is_not_ours_is_left_as_it_is(card, where):
    """Where somebody else has divided the card nothing is written to it."""
    with card.open("r+b") as file:
        file.seek(where)
        file.write(bytes(16))
    before = table(card)
    assert grow(card) == STRANGE
    assert table(card) == before


def test_no_card_is_larger_than_its_table_can_say(card):
    """Beyond 2 TiB the numbers would begin again at nothing."""
    os.truncate(card, 3 << 40)
    assert grow(card) == GROWN
    start, size = parts(card)[7]
    assert start + size == 2**32 - 2048
