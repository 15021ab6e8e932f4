"""What people see at a start, between the clips, over them and at the end, read from the frame buffer."""

from __future__ import annotations

import signal
import time

import pytest
from PIL import Image

from estation_box.playout import cards
from estation_box.playout.player_words import Banner, Capture, Cover, Phase, Prepare, Start
from tests.support import clips
from tests.support.framebuffer import Watch
from tests.support.player import still, video
from tests.support.showing import black_seconds, handovers, seen_seconds

pytestmark = pytest.mark.screen
CARD = (14, 27, 36)


def is_card(pixel):
    return pixel == CARD


def test_the_box_has_a_card_of_its_own(player, frame_buffer):
    """Before core says anything the screen shows the network's mark, not black."""
    frame_buffer.wait(is_card, 5)


def test_a_start_is_hidden_until_its_instant_and_then_at_once(player, frame_buffer):
    """Nothing of the prepared clip is seen before the start, and its picture is there in a moment after it."""
    took = []
    for n in range(8):
        session = f"start{n}"
        player.core.prepare(video(clips.flip("red")), session=session)
        player.core.state(lambda state, session=session: state.session == session and state.current == "0")
        with Watch(frame_buffer) as watch:
            time.sleep(0.3)
        assert {change.pixel for change in watch.changes} == {CARD}
        begun = time.monotonic()
        player.core.send(Start, session=session)
        took.append(frame_buffer.wait(lambda pixel: clips.hue_of(pixel) == "red", 2) - begun)
        told = player.core.state(lambda state: bool(state.entries) and state.entries[0].started is not None)
        assert told.entries[0].started == pytest.approx(begun + took[-1], abs=0.15)
        player.core.rest()
        frame_buffer.wait(is_card, 2)
    assert sorted(took)[4] < 0.03, took
    assert max(took) < 0.15, took


def test_clips_of_every_kind_follow_each_other_without_black(player, frame_buffer):
    """Other sizes, codings and pictures between: never a black screen, and the card at the end."""
    entries = (
        video(clips.flip("red", 0.6), "0"),
        video(clips.flip("green", 0.6, size="1920x1080", fps=30), "1"),
        video(clips.flip("blue", 0.6, codec="vp8", size="854x480"), "2"),
        still(clips.still("yellow"), "3", 0.6),
        video(clips.flip("cyan", 0.6, codec="vp9"), "4"),
        video(clips.flip("magenta", 0.6, sound=False), "5"),
    )
    with Watch(frame_buffer) as watch:
        player.core.play(*entries)
        player.core.ended()
        frame_buffer.wait(is_card, 2)
        end = time.monotonic()
    spans = watch.spans(end)
    assert [found.after for found in handovers(spans)] == ["green", "blue", "yellow", "cyan", "magenta"]
    assert black_seconds(spans) == 0


@pytest.mark.parametrize(
    ("path", "under"),
    [
        pytest.param(lambda: clips.flip("red", 4), 0.03, id="healthy"),
        pytest.param(lambda: clips.cut(clips.flip("red", 8), 0.4), 0.15, id="cut"),
        pytest.param(lambda: clips.corrupt(clips.flip("red", 8), 0.3, 0.5), 0.15, id="corrupt"),
        pytest.param(lambda: clips.corrupt(clips.flip("blue", 8, "vp9"), 0.4, 0.6, seed=3), 0.15, id="corrupt-vp9"),
    ],
)
def test_what_is_told_is_what_was_seen(player, frame_buffer, path, under):
    """The seconds told are those counted on the screen: never much more, and hardly less."""
    with Watch(frame_buffer) as watch:
        player.core.play(video(path(), seconds=8))
        told = player.core.ended().entries[0].shown
    truth = seen_seconds(watch.changes, 25)
    assert truth * (1 - under) - 0.05 <= told <= truth + 0.3, (truth, told)


def test_a_hung_display_is_noticed_and_not_counted(player, screen, frame_buffer):
    """While the display hangs nothing is counted and the player says how long the picture has stood."""
    with Watch(frame_buffer) as watch:
        player.core.play(video(clips.flip("red", 6), seconds=6))
        player.core.state(lambda state: state.entries[0].shown > 1)
        screen.process.send_signal(signal.SIGSTOP)
        try:
            stalled = player.core.state(lambda state: state.still_for >= 2, within=5)
        finally:
            screen.process.send_signal(signal.SIGCONT)
        assert stalled.phase is Phase.PLAYING
        player.core.state(lambda state: state.still_for == 0)
        told = player.core.ended().entries[0].shown
    assert told == pytest.approx(seen_seconds(watch.changes, 25), abs=0.6)
    assert told < 4.6


def test_cards_and_banners_are_drawn_over_what_is_there(player, frame_buffer):
    """Core's card takes the built-in one's place; a banner stands over a running clip and goes again."""
    ring = (1000, 386 - 154)
    assert player.core.ask(Cover, ass=cards.countdown_card(title="洪水", seconds=119, of=120)).ok
    frame_buffer.wait(lambda pixel: pixel[0] > 200, 2, at=ring)
    assert player.core.ask(Cover, ass=cards.station_card()).ok
    player.core.play(video(clips.flip("blue", 4), seconds=4))
    inside = (1000, 640)
    frame_buffer.wait(lambda pixel: clips.hue_of(pixel) == "blue", 2, at=inside)
    assert player.core.ask(Banner, ass=cards.banner("一句话")).ok
    frame_buffer.wait(lambda pixel: clips.hue_of(pixel) != "blue", 2, at=inside)
    assert player.core.ask(Banner, ass="").ok
    frame_buffer.wait(lambda pixel: clips.hue_of(pixel) == "blue", 2, at=inside)


def test_a_picture_of_the_screen_can_be_had(player, tmp_path):
    """The picture sent at a session's middle is the clip's."""
    player.core.play(video(clips.flip("green", 4), seconds=4))
    player.core.state(lambda state: state.entries[0].shown > 0.3)
    path = tmp_path / "picture.jpg"
    assert player.core.ask(Capture, path=str(path)).ok
    with Image.open(path) as picture:
        assert picture.size == (1280, 720)
        assert clips.hue_of(picture.convert("RGB").getpixel((640, 150))) == "green"


def test_subtitles_are_chosen_by_number(player, frame_buffer, tmp_path):
    """Captions appear where a track is asked for, and not where none is."""
    srt = tmp_path / "a.srt"
    srt.write_text("1\n00:00:00,000 --> 00:00:09,000\n" + "█" * 8 + "\n", encoding="utf-8")
    plain = clips.flip("blue", 4)
    titled = tmp_path / "titled.mkv"
    clips._run(["-i", str(plain), "-i", str(srt), "-c:v", "copy", "-c:a", "copy", "-c:s", "srt"], titled)
    place = (640, 650)

    def white(pixel):
        return min(pixel) > 200

    player.core.play(video(titled, subtitles=1), session="with")
    frame_buffer.wait(white, 3, at=place)
    player.core.play(video(titled, subtitles=0), session="without")
    player.core.state(lambda state: state.session == "without" and state.entries[0].shown > 0.5)
    assert not white(frame_buffer.pixel(*place))


def test_a_start_before_the_picture_is_ready_keeps_the_cover(player, frame_buffer):
    """A start that comes too early shows the card until the first frame is there, never black."""
    with Watch(frame_buffer) as watch:
        player.core.send(Prepare, session="early", entries=(video(clips.flip("cyan")),))
        player.core.send(Start, session="early")
        player.core.ended()
        end = time.monotonic()
    spans = watch.spans(end)
    assert black_seconds(spans) == 0
    assert seen_seconds(watch.changes, 25) > 1.8
