"""Films, pictures and sounds: looked at, made fit, never made twice, and nothing of the editor's is touched."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from studio import command
from studio.checking import Checked, check, files_of, fix
from studio.errors import StudioError
from studio.ffmpeg import hear, reach
from studio.house_profile import judge
from studio.probe import probe
from studio.publishing import init, publish
from studio.source import read
from studio.workshop import FOLDER, Workshop
from tests.studio.test_studio import documents
from tests.support import clips
from tests.support.library import NOW, make_video, wall, write_source

STUDIO = [sys.executable, "-m", "studio.command"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path / "source")


def filled(source: Path) -> Path:
    """A film from a camera, a sound, a photograph with its place, and a text."""
    (source / "series").mkdir(parents=True)
    shutil.copy(clips.raw_film(), source / "series/film.mkv")
    shutil.copy(clips.talk(), source / "talk.mp3")
    shutil.copy(clips.photograph(), source / "photo.jpg")
    (source / "notes.txt").write_text("buy bread")
    return source


class Mended(NamedTuple):
    """The same after everything in it was made fit. To be copied by whoever works in it."""

    folder: Path
    found: dict[str, Checked]
    before: dict[str, tuple[int, bytes]]
    """The editor's own files, as they were."""


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Mended:
    source = filled(tmp_path_factory.mktemp("mended") / "source")
    before = files(source, hidden=False)
    return Mended(source, looked(source, mend=True), before)


def looked(folder: Path, *, mend: bool = False) -> dict[str, Checked]:
    source = read(folder) if (folder / "library.toml").exists() else None
    files, workshop = files_of(folder, source), Workshop(folder)
    with workshop.open():
        checked = check(folder, files, "720p30", workshop=workshop)
        if mend:
            checked = fix(checked, dict(files), "720p30", workshop=workshop)
    return {one.name: one for one in checked}


def files(folder: Path, *, hidden: bool) -> dict[str, tuple[int, bytes]]:
    names = [path for path in folder.rglob("*") if path.is_file() and (FOLDER in path.parts) == hidden]
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in names}


def test_the_faults_of_each_file_are_told(folder: Path):
    """The editor reads everything that is wrong with each file."""
    found = looked(folder)
    told = {name: {fault.rule for fault in one.faults} for name, one in found.items()}
    assert told["series/film.mkv"] >= {"codec", "size", "frames", "sound", "loudness"}
    assert told["talk.mp3"] == {"picture"}
    assert told["photo.jpg"] == {"size", "hidden"}
    assert "no video or picture" in found["notes.txt"].refusal
    assert not any(one.ready for one in found.values())


def test_what_was_made_is_in_the_house_profile_and_the_originals_stay(mended: Mended):
    """Film, sound and picture come out right: size, rate, key frames, index, loudness, languages, nothing hidden."""
    assert files(mended.folder, hidden=False) == mended.before
    found = mended.found
    film = found["series/film.mkv"].made
    assert film is not None
    facts = probe(film).facts
    assert judge(facts) == ()
    assert (facts.width, facts.height, facts.fps, facts.sounds) == (1280, 720, 30.0, ("aac", "aac"))
    assert [(track.kind, track.language) for track in probe(film).tracks] == [
        ("audio", "zh-Hans"),
        ("audio", "ug-Arab"),
        ("subtitles", "zh-Hans"),
    ]
    assert (reach(film, 4.0).gap or 9) <= 2.05
    heard = [hear(film, number) for number in range(2)]
    assert all(one and abs(float(one.input_i) + 23) < 1 for one in heard)
    assert found["series/film.mkv"].loudness == tuple(float(one.input_i) for one in heard if one)
    sound, picture = found["talk.mp3"].made, found["photo.jpg"].made
    assert sound is not None
    assert picture is not None
    assert judge(probe(sound).facts) == ()
    assert abs(probe(sound).seconds - 3.0) < 0.3
    assert judge(probe(picture).facts) == ()
    assert b"GPS" not in picture.read_bytes()


def test_a_poster_shows_the_film_and_not_the_dark(mended: Mended):
    """The film begins with a second of black; its poster does not."""
    poster = mended.found["series/film.mkv"].poster
    assert poster is not None
    dot = ["ffmpeg", "-v", "error", "-i", str(poster), "-vf", "scale=1:1", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    assert subprocess.run(dot, capture_output=True, check=True, timeout=30).stdout[0] > 40
    assert probe(poster).facts.width == 640


def test_nothing_is_made_twice_and_a_new_name_costs_nothing(mended: Mended, tmp_path: Path):
    """Run again, or with the file renamed, everything made before is used."""
    folder = shutil.copytree(mended.folder, tmp_path / "source")
    made = files(folder / FOLDER / "made", hidden=True)
    (folder / "series/film.mkv").rename(folder / "hands.mkv")
    found = looked(folder, mend=True)
    assert found["hands.mkv"].ready
    assert files(folder / FOLDER / "made", hidden=True) == made


def test_a_dry_run_changes_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """It says what would be made, how large it becomes and how long it takes, and leaves no trace."""
    before = files(tmp_path, hidden=False)
    assert command.main(["check", str(folder), "--fix", "--dry-run"]) == 3
    told = capsys.readouterr().out
    assert "would make 3 of them anew" in told
    assert "minutes" in told
    assert files(tmp_path, hidden=False) == before
    assert not (folder / FOLDER).exists()


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_film_that_is_cut_off_is_refused(tmp_path: Path, name: str):
    """A film copied by halves is found out before it is signed, whatever its container says of its length."""
    line = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=d=20:r=10:s=320x180", "-c:v", "libx264"]
    subprocess.run([*line, "-movflags", "+faststart", str(tmp_path / name)], check=True, timeout=60)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    assert "cut off" in looked(tmp_path)[name].refusal


def test_what_was_made_is_what_is_published(folder: Path, tmp_path: Path):
    """The signed film is the one in the house profile; a sound with its card never counts for the weekly minimum."""
    studio = tmp_path / "studio"
    init(studio, now=NOW)
    (folder / "library.toml").write_text(
        'name = "科协"\n[[items]]\nid = "film"\nfile = "series/film.mkv"\ntitles = { en = "Film" }\ntopic = "health"\n'
        '[[items]]\nid = "talk"\nfile = "talk.mp3"\ncard = "photo.jpg"\ntitles = { en = "Talk" }\ntopic = "health"\n'
        'counts = true\n[[items]]\nid = "later"\nfile = "nowhere.mp4"\ntitles = { en = "x" }\ntopic = "health"\n'
        "draft = true\n",
        encoding="utf-8",
    )
    assert [word.partition(":")[0] for word in publish(studio, folder, now=NOW).refused] == [
        "series/film.mkv",
        "talk.mp3",
    ]
    assert command.main(["publish", str(studio), str(folder), "--fix"]) == 0
    film, talk = documents(studio)[0].items
    assert (film.kind, film.fps, [track.language for track in film.tracks]) == (
        "video",
        30.0,
        ["zh-Hans", "ug-Arab", "zh-Hans"],
    )
    assert (talk.kind, talk.counting) == ("audio", 0.0)
    assert film.loudness_lufs is not None
    assert talk.loudness_lufs is not None
    assert all(-25.0 < level < -15.0 for level in (film.loudness_lufs, talk.loudness_lufs))


def test_a_dry_run_of_a_publication_signs_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """It says what would be done, and not a byte is written in either folder."""
    studio = tmp_path / "studio"
    init(studio, now=NOW)
    (folder / "library.toml").write_text('name = "x"\n', encoding="utf-8")
    before = files(tmp_path, hidden=False)
    assert command.main(["publish", str(studio), str(folder), "--fix", "--dry-run"]) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert files(tmp_path, hidden=False) == before


def test_one_studio_works_in_a_folder_at_a_time(folder: Path):
    """A second one says so instead of spoiling the first one's work."""
    with Workshop(folder).open(), pytest.raises(StudioError, match="another studio"), Workshop(folder).open():
        pass


def orphans(folder: Path) -> list[bytes]:
    """What still works in the folder, half a second after its studio was killed."""
    time.sleep(0.5)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True, timeout=10).stdout.splitlines()
    return [line for line in listed if str(folder).encode() in line and b"ff" in line.split()[0]]


@pytest.mark.timeout(500)
@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.soak)])
def test_so_many_films_survive_five_kills(tmp_path: Path, count: int):
    """Killed at five random moments and run again, all files are published as if nothing had happened."""
    folder, studio = tmp_path / "source", tmp_path / "studio"
    folder.mkdir()
    picture = clips.still("blue", "640x360").read_bytes()
    films = {number for number in range(count) if number < 4 or number % 8 == 0}
    for number in range(count):
        (folder / f"video-{number}.mp4").write_bytes(picture + bytes([number]))
    for number in films - {0, 1, 2, 3}:
        make_video(folder / f"video-{number}.mp4", pattern=number)
    for number in range(4):  # these take seconds each
        line = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=d={3 + number / 2}:s=1280x720:r=25"]
        line += ["-c:v", "mpeg4", "-q:v", "8", str(folder / f"video-{number}.mp4")]
        subprocess.run(line, check=True, timeout=60)
    write_source(folder, videos=count, start=wall(NOW + timedelta(minutes=30)))
    init(studio, now=NOW)
    chance = random.Random(4)
    for _ in range(5):
        child = subprocess.Popen([*STUDIO, "publish", str(studio), str(folder), "--fix"], stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, count / 33))  # the moment of the kill is what is tried
        child.send_signal(signal.SIGKILL)
        child.wait(10)
    assert not orphans(folder)
    done = subprocess.run(
        [*STUDIO, "publish", str(studio), str(folder), "--fix"], capture_output=True, check=True, timeout=400
    )
    assert f"{count} programmes; catalogue 1".encode() in done.stdout
    assert not list((folder / FOLDER / "half").iterdir())
    items = documents(studio)[0].items
    posters = {each.poster.id for each in items if each.poster is not None}
    assert (len(items), len(posters)) == (count, len(films))  # the films have pictures of their own; a still is one
    published = {path.name: path.stat().st_size for path in (studio / "repository/content").iterdir()}
    assert published.keys() == {each.id for each in items} | posters
    assert all(published.values())
