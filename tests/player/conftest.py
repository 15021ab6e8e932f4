"""One screen and one player for this folder's tests."""

from __future__ import annotations

import pytest

from tests.support.framebuffer import FrameBuffer
from tests.support.player import PlayerProcess
from tests.support.xvfb import Xvfb


@pytest.fixture(scope="session")
def screen(tmp_path_factory):
    with Xvfb(tmp_path_factory.mktemp("screen")) as screen:
        yield screen


@pytest.fixture(scope="session")
def running(screen, tmp_path_factory):
    with PlayerProcess(tmp_path_factory.mktemp("player"), screen.display) as player:
        player.core.await_connection()
        yield player


@pytest.fixture
def player(running):
    """The player with its card on the screen."""
    running.core.rest()
    return running


@pytest.fixture
def frame_buffer(screen, player):
    return FrameBuffer(screen.frame_buffer)
