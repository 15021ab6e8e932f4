"""An emergency bulletin over a real film: what stands on the screen, and where the film goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from estation_box.clock.moment import Moment
from estation_box.playout.interlude import Interlude
from estation_box.playout.player_words import Request
from estation_box.playout.service import Playout
from estation_box.playout.show import Show
from estation_wire.bulletins import Bulletin
from estation_wire.records import BulletinShown, ClipShown, Record, SessionEnded
from estation_wire.values import Origin, Trust, Tv
from tests.playout.values import clip
from tests.support import clips
from tests.support.framebuffer import POINT, Rgb
from tests.support.player import PlayerProcess

START = datetime(2026, 11, 25, 6, tzinfo=UTC)
FILM_SECONDS, BULLETIN_SECONDS = 6.0, 2.0


class Head:
    """As much of core as a bulletin needs: playout and interlude over the real player's socket."""

    def __init__(self, player: PlayerProcess) -> None:
        self._core = player.core
        self.records: list[Record] = []
        self.playout = Playout(self, self, self)
        self.interlude = Interlude(self, self, self.playout)

    def ask(self, request: type[Request], **fields: Any) -> int:
        return self._core.send(request, **fields)

    def append(self, at: Moment, kind: type[Record], **body: Any) -> None:
        stamp = {"seq": len(self.records) + 1, "at": at.at, "boot": at.boot, "up": at.up, "trust": at.trust}
        self.records.append(kind(**stamp, **body))

    def checkpoint(self, document: bytes) -> None:
        """Nothing is cut here."""

    def evidence(self) -> Tv:
        return Tv.UNKNOWN

    def in_use(self) -> bool:
        return False

    @property
    def moment(self) -> Moment:
        up = time.monotonic()
        return Moment(START + timedelta(seconds=up), up, "b" * 32, Trust.NETWORK)

    def of(self, kind: type[Record]) -> list[Any]:
        return [record for record in self.records if isinstance(record, kind)]

    def until(self, wanted: Callable[[], bool], within: float = 20.0) -> None:
        end = time.monotonic() + within
        while not wanted():
            assert time.monotonic() < end, self.records
            state = self._core.state()
            for answer in (self._core.answers.pop(number) for number in list(self._core.answers)):
                self.playout.answered(answer, self.moment)
            self.playout.told(state, self.moment)
            self.interlude.told(state, self.moment)
            self.interlude.tick(self.moment)


def blue(pixel: Rgb) -> bool:
    red, _, much = pixel
    return much > 150 > red


@pytest.mark.screen
def test_the_film_goes_on_at_the_very_second_after_a_bulletin(player, frame_buffer):
    """Red film, blue notice, red film again from where it was: nothing is shown twice, nothing is left out."""
    head = Head(player)
    film = clip("a", path=str(clips.flip("red", FILM_SECONDS)), has=FILM_SECONDS)
    notice = clip("b", path=str(clips.still("blue")), kind="still", has=BULLETIN_SECONDS, counting=False)
    head.playout.play(Show(session="1" * 32, origin=Origin.PLANNED, clips=(film,)), head.moment)
    head.until(lambda: head.playout.show is not None and head.playout.show.shown >= 2.0)
    bulletin = Bulletin(id="flood", priority="emergency", titles={"en": "Flood"}, issued=START)
    head.interlude.begin(bulletin, Show(session="2" * 32, origin=Origin.COMMAND, clips=(notice,)), head.moment)
    head.until(lambda: blue(frame_buffer.pixel(*POINT)))
    head.until(lambda: head.playout.on_screen)
    resumed = head.playout.show.clips[0].position
    (first,) = head.of(SessionEnded)
    assert first.reason == "bulletin"
    assert resumed == pytest.approx(first.counting, abs=0.25)
    head.until(lambda: len(head.of(SessionEnded)) == 2)
    assert [each.bulletin for each in head.of(BulletinShown)] == ["flood"]
    parts = head.of(SessionEnded)
    assert [(part.part, part.reason) for part in parts] == [(1, "bulletin"), (2, "completed")]
    assert sum(part.counting for part in parts) == pytest.approx(FILM_SECONDS, abs=0.5)
    assert [each.completed for each in head.of(ClipShown)] == [False, True]
