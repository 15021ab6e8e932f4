"""The player as a process: who may come and go around it, and how it leaves."""

from __future__ import annotations

import signal
import socket
import time

import pytest

from estation_box.playout.player_words import Phase
from tests.support import clips
from tests.support.framebuffer import FrameBuffer
from tests.support.player import Hand, PlayerProcess, video

pytestmark = pytest.mark.screen


def test_a_new_core_adopts_the_running_session(player):
    """Core may die and come back: the picture goes on, and the new one is told everything at once."""
    player.core.play(video(clips.flip("red", 4), seconds=4), session="adopted")
    player.core.state(lambda state: state.entries[0].shown > 0.3)
    successor = Hand(player.socket)
    try:
        first = successor.state(within=2)
        assert (first.session, first.phase) == ("adopted", Phase.PLAYING)
        assert first.entries[0].shown > 0.2
        assert first.player == player.core.last.player
    finally:
        successor.close()
    assert player.core.ended().entries[0].shown == pytest.approx(4, abs=0.25)


def test_nonsense_is_answered_and_harms_nobody(player):
    """A line that is not a request gets a plain refusal."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(player.socket))
        client.settimeout(5)
        client.sendall(b'{"do":"explode","n":1}\nnot json\n\xff\xfe\n')
        told = b""
        while told.count(b"not a request") < 3:
            told += client.recv(65536)
    assert player.core.state().phase is Phase.CARD


def test_killed_in_a_session_the_picture_is_back_within_two_seconds(screen, tmp_path):
    """After kill -9 a new player stands ready, and core's session goes on where it was."""
    with PlayerProcess(tmp_path, screen.display) as first:
        first.core.await_connection()
        first.core.play(video(clips.flip("red", 4), seconds=4))
        before = first.core.state(lambda state: state.entries[0].shown > 0.5)
        first.process.kill()
        first.process.wait(5)
    with PlayerProcess(tmp_path, screen.display) as second:
        second.core.await_connection()
        position = before.entries[0].position
        second.core.play(video(clips.flip("red", 4), seconds=4, position=position))
        seen = FrameBuffer(screen.frame_buffer).wait(lambda pixel: clips.hue_of(pixel) == "red", 5)
        assert seen - second.started < 2
        state = second.core.state(lambda state: state.entries[0].started is not None)
        assert state.player != before.player
        assert state.entries[0].position >= position - 0.05


def test_it_leaves_within_a_second_when_asked(screen, tmp_path):
    """A stop by systemd is obeyed at once, in the middle of a clip too."""
    with PlayerProcess(tmp_path, screen.display) as player:
        player.core.await_connection()
        player.core.play(video(clips.flip("red", 4), seconds=4))
        begun = time.monotonic()
        player.process.terminate()
        assert player.process.wait(5) == 0
        assert time.monotonic() - begun < 1.2


def test_it_leaves_within_a_second_where_the_display_hangs(screen, tmp_path):
    """Not even a libmpv that hangs keeps the unit from leaving."""
    with PlayerProcess(tmp_path, screen.display) as player:
        player.core.await_connection()
        player.core.play(video(clips.flip("red", 4), seconds=4))
        screen.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(0.3)
            begun = time.monotonic()
            player.process.terminate()
            player.process.wait(5)
            assert time.monotonic() - begun < 1.5
        finally:
            screen.process.send_signal(signal.SIGCONT)


def test_the_watchdog_is_fed_while_libmpv_answers(screen, tmp_path):
    """PID 1 hears READY once the card stands, and a sign of life as often as it wants one."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as pid_1:
        pid_1.bind(address)
        pid_1.settimeout(10)
        extra = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"}
        with PlayerProcess(tmp_path, screen.display, extra=extra):
            heard = [pid_1.recv(1000).decode()]
            assert heard[0].startswith("READY=1")
            begun = time.monotonic()
            while heard.count("WATCHDOG=1") < 4:
                heard.append(pid_1.recv(1000).decode())
            assert 1.0 < time.monotonic() - begun < 3.5


def test_settings_that_cannot_work_are_said_plainly(tmp_path):
    """A wrong screen ends the unit with a word that names the setting."""
    with PlayerProcess(tmp_path, ":65000") as player:
        assert player.process.wait(20) == 1
    assert "[video] in box.toml" in (tmp_path / "player.log").read_text()
