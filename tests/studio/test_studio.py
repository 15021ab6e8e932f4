"""The studio: what it takes, what it refuses and why, and that repeating it does no harm."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tuf.api.metadata import Metadata, Timestamp

from estation_wire import stick as layout
from estation_wire.library import (
    CATALOGUE_NAME,
    PROGRAMME_NAME,
    PROVISIONERS_NAME,
    Catalogue,
    Programme,
    Provisioners,
    decode_document,
)
from estation_wire.profile import Profile, decode_envelope
from studio import command, profiles
from studio.errors import StudioError
from studio.keyring import Keyring
from studio.probe import Refused, probe
from studio.publishing import init, publish
from studio.repository import Repository
from studio.source import read
from studio.stick import write_stick
from tests.support.library import NOW, Made, make_authority, make_profile, make_stick, make_video, wall, write_source

SOON = wall(NOW + timedelta(minutes=30))


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    init(tmp_path / "studio", now=NOW)
    return tmp_path / "studio"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(2):
        make_video(folder / f"video-{number}.mp4", pattern=number)
    write_source(folder, videos=2, start=SOON)
    return folder


def documents(studio: Path) -> tuple[Catalogue, Programme, Provisioners]:
    repository = Repository(studio / "repository", Keyring(studio / "keys"))
    types = {CATALOGUE_NAME: Catalogue, PROGRAMME_NAME: Programme, PROVISIONERS_NAME: Provisioners}
    return tuple(decode_document(type_, repository.document(name)) for name, type_ in types.items())


def metadata(studio: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (studio / "repository/metadata").iterdir()}


def test_keys_are_the_owners_alone(studio: Path):
    """Every private key can be read by its owner only, and making a studio again changes none."""
    keys = {path: path.read_bytes() for path in (studio / "keys").iterdir()}
    assert {path.stem.split("-")[0] for path in keys} == {"root", "targets", "snapshot", "timestamp", "provisioner"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys)
    init(studio, now=NOW + timedelta(days=1))
    assert {path: path.read_bytes() for path in (studio / "keys").iterdir()} == keys


def test_what_is_published_is_what_the_editor_wrote(studio: Path, source: Path):
    """Titles, series, topic, duration and frame rate stand in the catalogue; the rule in the programme."""
    published = publish(studio, source, now=NOW)
    catalogue, programme, provisioners = documents(studio)
    first = catalogue.items[0]
    assert first.id == published.contents["video-0"]
    assert (first.titles["zh-Hans"], first.series, first.topic, first.counts) == (
        "节目0",
        "kepu-tiandi",
        "health",
        True,
    )
    assert (first.seconds, first.fps, first.kind) == (1.0, 10.0, "video")
    assert programme.issued == NOW
    assert f"DTSTART;TZID=Asia/Urumqi:{SOON:%Y%m%dT%H%M%S}" in programme.rules[0].event
    assert (provisioners.name, len(provisioners.keys)) == ("科学技术协会", 1)


def test_publishing_again_changes_nothing(studio: Path, source: Path):
    """The same folder published twice is one publication."""
    assert publish(studio, source, now=NOW).changed
    before = metadata(studio)
    again = publish(studio, source, now=NOW + timedelta(days=1))
    assert (again.changed, again.catalogue, again.programme) == (False, 1, 1)
    assert metadata(studio) == before


def test_after_a_month_the_timestamp_is_renewed(studio: Path, source: Path):
    """A stick made today is good for nearly a year, however old the library is."""
    publish(studio, source, now=NOW)
    later = NOW + timedelta(days=31)
    again = publish(studio, source, now=later)
    assert (again.changed, again.catalogue, again.programme) == (True, 1, 1)
    timestamp = Metadata[Timestamp].from_file(str(studio / "repository/metadata/timestamp.json")).signed
    assert timestamp.expires - later == timedelta(days=365)


def test_versions_rise_with_what_changes(studio: Path, source: Path):
    """A new title raises the catalogue's version and leaves the programme's."""
    publish(studio, source, now=NOW)
    write_source(source, videos=2, start=SOON, title="Other")
    assert publish(studio, source, now=NOW)[:2] == (2, 1)
    write_source(source, videos=2, start=SOON + timedelta(days=1), title="Other")
    assert publish(studio, source, now=NOW)[:2] == (2, 2)


def test_a_publication_that_was_cut_off_can_be_done_again(studio: Path, source: Path):
    """What was written before the timestamp does not count, and is written again."""
    publish(studio, source, now=NOW)
    timestamp = (studio / "repository/metadata/timestamp.json").read_bytes()
    write_source(source, videos=2, start=SOON, title="Other")
    publish(studio, source, now=NOW)
    (studio / "repository/metadata/timestamp.json").write_bytes(timestamp)
    assert publish(studio, source, now=NOW).catalogue == 2


def test_unfit_files_are_refused_by_name_and_the_rest_is_published(studio: Path, source: Path):
    """Text, sound alone, a cut-off film, a missing file and the same film twice are each told; the good ones go out."""
    (source / "text.mp4").write_text("no film")
    (source / "cut.mp4").write_bytes((source / "video-0.mp4").read_bytes()[:900])
    (source / "twin.mp4").write_bytes((source / "video-0.mp4").read_bytes())
    tone = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", str(source / "tone.mp4")]
    subprocess.run(tone, check=True, timeout=30)
    text = (source / "library.toml").read_text(encoding="utf-8")
    for name in ("text", "cut", "twin", "tone", "missing"):
        text += f'[[items]]\nid = "{name}"\nfile = "{name}.mp4"\ntitles = {{ en = "x" }}\ntopic = "health"\n'
    text += '[[rules]]\nid = "empty"\ntimezone = "UTC"\nstart = 2026-11-27T20:00:00\nitems = ["text"]\n'
    (source / "library.toml").write_text(text, encoding="utf-8")
    published = publish(studio, source, now=NOW)
    assert [refusal.split(":")[0] for refusal in published.refused] == [
        "text.mp4",
        "cut.mp4",
        "twin.mp4",
        "tone.mp4",
        "missing.mp4",
        "rule empty",
    ]
    assert set(published.contents) == {"video-0", "video-1"}
    assert [rule.id for rule in documents(studio)[1].rules] == ["weekly"]


def test_tracks_have_their_languages(tmp_path: Path):
    """Sound and subtitles are listed with their languages: the file's own, or the editor's."""
    (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\n洗手\n", encoding="utf-8")
    make_video(tmp_path / "plain.mp4")
    command_line = ["ffmpeg", "-v", "error", "-i", "plain.mp4", "-f", "lavfi", "-i", "sine=d=1", "-i", "words.srt"]
    command_line += ["-map", "0:v", "-map", "1:a", "-map", "1:a", "-map", "2:s", "-c:v", "copy", "-c:a", "aac"]
    command_line += ["-metadata:s:a:0", "language=chi", "-metadata:s:s:0", "language=uig", "film.mkv"]
    subprocess.run(command_line, check=True, timeout=30, cwd=tmp_path)
    film = tmp_path / "film.mkv"
    tracks = [(track.kind, track.number, track.language) for track in probe(film).tracks]
    assert tracks == [("audio", 1, "zh-Hans"), ("audio", 2, "und"), ("subtitles", 1, "ug-Arab")]
    named = probe(film, audio=("zh-Hans", "en"), subtitles=("zh-Hans",)).tracks
    assert [track.language for track in named] == ["zh-Hans", "en", "zh-Hans"]
    with pytest.raises(Refused, match="3 languages are named for its 2 audio tracks"):
        probe(film, audio=("zh-Hans", "en", "kk-Arab"))


def test_a_picture_stands_as_long_as_the_editor_says(studio: Path, source: Path):
    """A still has no duration of its own."""
    picture = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=s=64x36", "-frames:v", "1"]
    subprocess.run([*picture, str(source / "card.png")], check=True, timeout=30)
    text = (source / "library.toml").read_text(encoding="utf-8")
    text += '[[items]]\nid = "card"\nfile = "card.png"\ntitles = { en = "x" }\ntopic = "health"\nseconds = 7.5\n'
    (source / "library.toml").write_text(text, encoding="utf-8")
    publish(studio, source, now=NOW)
    card = documents(studio)[0].items[-1]
    assert (card.kind, card.seconds, card.fps) == ("still", 7.5, None)


def test_every_fault_of_the_list_is_told_at_once(source: Path):
    """The editor mends the list in one go."""
    text = (source / "library.toml").read_text(encoding="utf-8")
    text = text.replace('series = "kepu-tiandi"', 'series = "nowhere"').replace("FREQ=WEEKLY", "FREQ=MINUTELY")
    text = text.replace("Asia/Urumqi", "Mars/Olympus").replace('["video-1", "video-0"]', '["nothing"]')
    text = text.replace('id = "video-1"', 'id = "video-0"')
    (source / "library.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudioError) as caught:
        read(source)
    for fault in ("no series nowhere", "MINUTELY", "Mars/Olympus", "video-0 stands there twice"):
        assert fault in str(caught.value)


def test_one_key_of_two_cannot_publish(tmp_path: Path, source: Path):
    """Where two signatures are asked for, one of the keys alone publishes nothing."""
    studio = tmp_path / "two"
    init(studio, now=NOW, threshold=2)
    second = studio / "keys/targets-2.pem"
    key = second.read_bytes()
    second.unlink()
    with pytest.raises(StudioError, match="do not suffice for targets"):
        publish(studio, source, now=NOW)
    second.write_bytes(key)
    assert publish(studio, source, now=NOW).changed


def test_a_profile_file_becomes_a_signed_profile(studio: Path, tmp_path: Path):
    """What the file leaves out is filled in: sixty days, and an epoch one higher each time."""
    (tmp_path / "ca.pem").write_text(make_authority().pem)
    (tmp_path / "hall.toml").write_text(
        'station = "hall-0007"\nregion = "653101"\nname = "文化室"\ntimezone = "Asia/Urumqi"\n'
        'site = { id = "site-7", kind = "village", name = "村" }\n'
        '[centre]\nhost = "centre.example"\nauthority_file = "ca.pem"\n',
        encoding="utf-8",
    )
    for epoch in (1, 2):
        path = profiles.sign_file(studio, tmp_path / "hall.toml", now=NOW)
        profile = msgspec.json.decode(decode_envelope(path.read_bytes())[0], type=Profile)
        assert (profile.epoch, profile.not_after) == (epoch, NOW + timedelta(days=60))
    paper = (tmp_path / "hall.toml").read_text(encoding="utf-8")
    (tmp_path / "hall.toml").write_text(f'township = "653102101"\n{paper}', encoding="utf-8")
    with pytest.raises(StudioError, match="does not lie in the county"):
        profiles.sign_file(studio, tmp_path / "hall.toml", now=NOW)
    for words, reason in (
        ('[tv]\nby = "infrared"\n', "infrared_on"),
        (f'[[network.wifi]]\nssid = "{"科" * 11}"\n', "33 bytes"),
    ):
        (tmp_path / "hall.toml").write_text(paper + words, encoding="utf-8")
        with pytest.raises(StudioError, match=reason):
            profiles.sign_file(studio, tmp_path / "hall.toml", now=NOW)
    (tmp_path / "hall.toml").write_text('station = "Hall 7"\n')
    with pytest.raises(StudioError, match=r"hall\.toml"):
        profiles.sign_file(studio, tmp_path / "hall.toml", now=NOW)


def test_a_stick_holds_everything_and_can_be_written_again(made: Made):
    """Every root, the documents, the videos, the profile and the note for people; again costs nothing."""
    stick = made.stick
    assert (stick / layout.READ_ME).read_text(encoding="utf-8-sig").startswith("科普e站")
    assert (stick / layout.METADATA / "1.root.json").is_file()
    written = {path: path.stat().st_mtime_ns for path in stick.rglob("*") if path.is_file()}
    write_stick(made.studio, stick)
    assert {path: path.stat().st_mtime_ns for path in stick.rglob("*") if path.is_file()} == written


def test_a_stick_loses_what_the_library_no_longer_names_and_nothing_else(made: Made):
    """Room is made for the new; what belongs to somebody else stays."""
    stray = made.stick / layout.content("f" * 64)
    stray.write_bytes(b"old")
    holiday = made.stick / "holiday.jpg"
    holiday.write_bytes(b"mine")
    note = made.stick / layout.CONTENT / "note.txt"
    note.write_bytes(b"mine")
    write_stick(made.studio, made.stick)
    assert (stray.exists(), holiday.exists(), note.exists()) == (False, True, True)


def test_a_torn_copy_on_the_stick_is_copied_again(made: Made):
    """A video that is not whole on the stick is replaced."""
    video = next((made.stick / layout.CONTENT).iterdir())
    whole = video.read_bytes()
    video.write_bytes(whole[:100])
    told: list[float] = []
    write_stick(made.studio, made.stick, progress=lambda _, fraction: told.append(fraction))
    assert video.read_bytes() == whole
    assert told == [0.5, 1.0, 1.0]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make_stick(tmp_path / "made")


def test_the_command_does_all_of_it(tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]):
    """From an empty folder to a stick by four commands; what is wrong is said in one line."""
    studio, stick = str(tmp_path / "new"), tmp_path / "stick"
    stick.mkdir()
    assert command.main(["publish", studio, str(source)]) == 1
    assert "init" in capsys.readouterr().err
    assert command.main(["init", studio]) == 0
    assert "without a password" in capsys.readouterr().out
    assert command.main(["stick", studio, str(stick)]) == 1
    assert command.main(["publish", studio, str(source)]) == 0
    envelope = tmp_path / "hall-0007.json"
    envelope.write_bytes(profiles.sign(Path(studio), make_profile(make_authority().pem)))
    assert command.main(["stick", studio, str(stick), "--profile", str(envelope)]) == 0
    assert (stick / layout.profile("hall-0007")).is_file()
    (source / "video-0.mp4").write_text("no film any more")
    assert command.main(["publish", studio, str(source)]) == 3
    assert "refused: video-0.mp4" in capsys.readouterr().err
    (source / "library.toml").unlink()
    assert command.main(["publish", studio, str(source)]) == 1


@pytest.mark.parametrize("name", ["Hall 7.json", "hall-0007.json", "missing.json"])
def test_a_paper_that_is_none_does_not_go_on_the_stick(made: Made, tmp_path: Path, name: str):
    """A file that is no signed profile, or not named for its station, is refused before anything is written."""
    path = tmp_path / name
    if name != "missing.json":
        path.write_bytes(b"{}")
    with pytest.raises(StudioError):
        write_stick(made.studio, made.stick, profiles=[path])


def test_without_a_stick_nothing_is_written(made: Made, tmp_path: Path):
    """A stick that is not mounted is said to be missing."""
    with pytest.raises(StudioError, match="mounted"):
        write_stick(made.studio, tmp_path / "nowhere")
