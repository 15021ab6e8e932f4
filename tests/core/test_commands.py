"""What stands beside core: the `estation` command, and the small picture of the screen."""

from __future__ import annotations

import io
import os

import msgspec
import pytest
from PIL import Image

from estation_box.apps import estation
from estation_box.drivers.thumbnail import LIMIT_BYTES, ThumbnailError, thumbnail
from estation_box.drivers.unix_socket import Line, Server
from estation_box.library.sync_words import Ask, decode_word


@pytest.fixture
def folders(tmp_path):
    names = ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CONFIGURATION_DIRECTORY")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, str(tmp_path)))
    yield tmp_path
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


def test_a_technician_is_told_what_the_box_does_and_why(folders, capsys):
    def heard(event):
        if isinstance(event, Line):
            word = decode_word(event.line)
            assert isinstance(word, Ask)
            event.peer.send(msgspec.json.encode({"asked": word.question}))

    with Server(folders / "core.sock", heard):
        assert estation.main(["why"]) == 0
        assert estation.main(["status"]) == 0
    said = capsys.readouterr().out
    assert '"asked": "why"' in said
    assert '"asked": "status"' in said


def test_where_no_core_runs_the_command_says_so_in_plain_words(folders, capsys):
    assert estation.main(["status"]) == 1
    assert f"nobody answers at {folders / 'core.sock'}" in capsys.readouterr().err


def test_the_busiest_picture_becomes_small_enough_for_a_reply(tmp_path):
    """Noise is the worst that a screen can show; it still fits, 320 points wide."""
    path = tmp_path / "screen.jpg"
    Image.frombytes("RGB", (1280, 720), os.urandom(1280 * 720 * 3)).save(path, "JPEG", quality=85)
    small = thumbnail(path)
    assert len(small) <= LIMIT_BYTES
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (320, 180)


def test_what_is_no_picture_is_refused_with_a_reason(tmp_path):
    path = tmp_path / "screen.jpg"
    path.write_bytes(b"not a picture at all")
    with pytest.raises(ThumbnailError, match="not a picture"):
        thumbnail(path)
    with pytest.raises(ThumbnailError):
        thumbnail(tmp_path / "missing.jpg")
