"""Sticks for many stations: every byte read back from the stick itself before it is called ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from estation_wire import stick as layout
from estation_wire.blocks import BLOCK_BYTES
from studio import command, profiles
from studio.errors import StudioError
from studio.files import block_list_of, copy_whole, read_back
from studio.stick import Moved, write_stick
from tests.support.library import make_authority, make_profile, make_stick


def test_one_stick_serves_every_station_that_was_signed(tmp_path: Path):
    """A technician's round of eighteen classrooms is one stick."""
    made = make_stick(tmp_path, station=None)
    authority = make_authority().pem
    for number in range(18):
        profiles.sign(made.studio, make_profile(authority, f"room-{number:02}"))
    assert command.main(["stick", str(made.studio), str(made.stick), "--all-stations"]) == 0
    assert len(list((made.stick / layout.PROFILES).iterdir())) == 18


def test_a_byte_that_comes_back_wrong_is_found(tmp_path: Path):
    """A stick that is smaller than it says, or worn out, is found out at the desk and not in the hall."""
    film = tmp_path / "film"
    film.write_bytes(bytes(range(256)) * (BLOCK_BYTES // 128))
    blocks = copy_whole(film, tmp_path / "copy", lambda _: None)
    assert blocks == block_list_of(film)
    assert read_back(tmp_path / "copy", blocks, lambda _: None)
    data = bytearray(film.read_bytes())
    data[BLOCK_BYTES + 7] ^= 1
    (tmp_path / "copy").write_bytes(data)
    assert not read_back(tmp_path / "copy", blocks, lambda _: None)
    (tmp_path / "copy").write_bytes(film.read_bytes()[:BLOCK_BYTES])
    assert not read_back(tmp_path / "copy", blocks, lambda _: None)


def test_a_library_that_rotted_in_the_studio_is_not_put_on_a_stick(tmp_path: Path):
    """One bit that fell over on the editor's disk is told before anybody drives to a village."""
    made = make_stick(tmp_path)
    film = next((made.studio / "repository/content").iterdir())
    data = bytearray(film.read_bytes())
    data[40] ^= 1
    film.write_bytes(data)
    (made.stick / layout.CONTENT / film.name).unlink()
    with pytest.raises(StudioError, match="damaged"):
        write_stick(made.studio, made.stick)
    assert not (made.stick / layout.CONTENT / film.name).exists()


def test_the_progress_is_in_bytes_that_were_moved():
    """Half way means that half of the bytes were written or read back."""
    told: list[tuple[str, float]] = []
    report = Moved(4 * BLOCK_BYTES, lambda words, fraction: told.append((words, fraction)))
    report.moved(2 * BLOCK_BYTES)
    report.moved(2 * BLOCK_BYTES)
    assert told == [("2 of 8 MiB written and read back", 0.25), ("4 of 8 MiB written and read back", 0.5)]


def test_only_what_is_signed_goes_on_a_stick(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A film that was tried out in the studio and never signed is on no stick; the dry run says what would be."""
    made = make_stick(tmp_path)
    stray = "f" * 64
    for part in ("content", "blocks"):
        (made.studio / "repository" / part / stray).write_bytes(b"never signed")
    (made.stick / layout.CONTENT / stray).write_bytes(b"from an older studio")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert command.main(["stick", str(made.studio), str(fresh), "--all-stations", "--dry-run"]) == 0
    told = capsys.readouterr().out
    size = sum((made.studio / "repository/content" / one).stat().st_size for one in made.published.contents.values())
    assert "1 stations: hall-0007" in told
    assert f"2 films to write, {size} bytes" in told
    assert not list(fresh.iterdir())
    for stick in (fresh, made.stick):
        write_stick(made.studio, stick)
        for part in (layout.CONTENT, layout.BLOCKS):
            assert {path.name for path in (stick / part).iterdir()} == set(made.published.contents.values())


def test_a_signed_film_that_the_studio_has_lost_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The stick is made all the same, and the editor reads which film is not on it."""
    made = make_stick(tmp_path)
    (made.studio / "repository/content" / made.published.contents["video-1"]).unlink()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert command.main(["stick", str(made.studio), str(fresh), "--dry-run"]) == 3
    assert "missing: 节目1" in capsys.readouterr().out
    assert command.main(["stick", str(made.studio), str(fresh)]) == 3
    assert "missing: 节目1" in capsys.readouterr().err
    assert [path.name for path in (fresh / layout.CONTENT).iterdir()] == [made.published.contents["video-0"]]
