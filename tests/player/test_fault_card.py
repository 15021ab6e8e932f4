"""The card of safe mode, read back from the screen: a telephone must be able to read its code."""

from __future__ import annotations

import time

import pytest

from estation_box.guarding import said
from estation_box.playout import cards, qr
from estation_box.playout.player_words import Cover

pytestmark = pytest.mark.screen
UNIT = "estation-player.service"
WITHIN_SECONDS = 20.0


def report(box: str) -> str:
    return said.report(UNIT, 2, box=box, boot="4f2a91c07d" * 3, minutes=61, firmware="estation-0.1.0")


def card(language: str) -> str:
    words = said.WORDS.about(unit=UNIT).to((language,))
    code = said.CODE.about(code=said.code(UNIT, 2)).to((language,))
    return cards.fault(title=said.TITLE.to((language,)), words=words, code=code, qr=qr.modules(report(language)))


def modules_on_screen(frame_buffer, count: int) -> tuple[tuple[bool, ...], ...]:
    """The middle of each module's place, dark or bright; the white around them is part of it, and must be white."""
    pixels = cards.QR_SIDE // (count + 8)
    left, top = cards.RIGHT - cards.QR_SIDE, cards.CODE_TOP
    side = range(count + 8)
    rows = [
        [sum(frame_buffer.pixel(left + x * pixels + pixels // 2, top + y * pixels + pixels // 2)) < 200 for x in side]
        for y in side
    ]
    assert not any(rows[0] + rows[3] + rows[-1] + rows[-4])
    assert not any(row[place] for row in rows for place in (0, 3, -4, -1))
    return tuple(tuple(row[4:-4]) for row in rows[4:-4])


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_telephone_reads_the_fault_off_the_screen(player, frame_buffer, language, tmp_path):
    """Each module of the code stands on the screen as it should, with the white around it that a reader needs."""
    wanted = qr.modules(report(language))
    assert player.core.ask(Cover, ass=card(language)).ok
    ends = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < ends:
        try:
            if modules_on_screen(frame_buffer, len(wanted)) == wanted:
                break
        except AssertionError:
            pass  # the card before is still there
        time.sleep(0.05)
    frame_buffer.png(tmp_path / "card.png")
    assert modules_on_screen(frame_buffer, len(wanted)) == wanted


def test_what_the_code_says_is_plain_and_short():
    """Which box, which unit, how often: enough for the office, nothing about people."""
    assert report("hall-0007").split("\n") == [
        "科普e站 E-Station PLAYER-2", "hall-0007", "estation-0.1.0 boot 4f2a91c0, up 61 min",
    ]  # fmt: skip
    assert len(report("hall-0007").encode()) <= qr.MAX_BYTES
    assert len(qr.modules("字" * 400)) == 57
