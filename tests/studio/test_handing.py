"""Counties and desks that sign in their own house, and the office's commands: real folders, carried to and fro."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from estation_box.drivers.library_store import LibraryStore
from studio import command
from studio.errors import StudioError
from studio.handing import accept
from studio.keyring import Keyring
from studio.preparing import prepare
from studio.publishing import init
from studio.repository import Repository
from studio.rotation import rotate
from tests.support.library import NOW, Made, make_stick, make_video, wall, write_source
from tests.support.sync_box import Box
from tests.support.trusting import COUNTY, again, copied, refreshed, rules


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None)


@pytest.fixture
def made(publisher: Made, tmp_path: Path) -> Made:
    return copied(publisher, tmp_path / "made")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The county's own films."""
    folder = tmp_path / "county-films"
    folder.mkdir()
    listed(folder, NOW + timedelta(minutes=30))
    return folder


def listed(folder: Path, start: datetime) -> None:
    make_video(folder / "video-0.mp4", pattern=77)
    write_source(folder, videos=1, start=wall(start), title="County")
    text = (folder / "library.toml").read_text(encoding="utf-8")
    papers = 'counts = true\ncredit = "县科协"\nlicence = "CC BY 4.0"\n'
    (folder / "library.toml").write_text(text.replace("counts = true\n", papers), encoding="utf-8")


def run(*arguments: object) -> int:
    return command.main([str(each) for each in arguments])


def test_a_county_signs_at_home_without_a_key_of_the_publishers(made: Made, source: Path, tmp_path: Path):
    """Its folder goes to the publisher and back; its film and its rule reach its halls, twice in a row."""
    county = tmp_path / "county"
    assert run("delegate", made.studio, COUNTY, "--hand", county, "--yes") == 0
    assert [path.name for path in (county / "keys").iterdir()] == [f"{COUNTY}-1.pem"]
    assert not list((made.studio / "keys").glob(f"{COUNTY}-*.pem"))
    box = Box(tmp_path / "box", made.root)
    for day in (1, 2):
        listed(source, NOW + timedelta(days=day))
        assert run("prepare", county, source, "--role", COUNTY) == 0
        assert run("sign", county, "--as", "1", "--role", COUNTY) == 0
        handed = county / "handed" / COUNTY
        assert run("prepare", county, source, "--role", COUNTY) == 1  # it waits for the publisher
        carried = tmp_path / "stick" / COUNTY
        shutil.move(handed, carried)
        assert run("accept", made.studio, carried) == 0
        shutil.move(carried, handed)
        assert refreshed(box, again(made)) is True
        assert rules(box) == {"weekly", f"{COUNTY}:weekly"}
    film, picture = by_size(county / "repository/content")
    assert all((made.stick / "ESTATION/library/content" / path.name).is_file() for path in (film, picture))
    film = film.name
    with LibraryStore(box.state / "library.db") as store:
        assert store.items((film,))[film].titles["en"] == "County 0"


def by_size(folder: Path) -> list[Path]:
    """What lies in a folder, the largest first."""
    return sorted(folder.iterdir(), key=lambda path: -path.stat().st_size)


def test_what_a_county_hands_over_half_or_altered_is_not_taken(made: Made, source: Path, tmp_path: Path):
    """A film that is damaged, a document that was changed on the way, another's name: nothing is published."""
    county = tmp_path / "county"
    run("delegate", made.studio, COUNTY, "--hand", county, "--yes")
    run("prepare", county, source, "--role", COUNTY)
    run("sign", county, "--as", "1", "--role", COUNTY)
    handed = county / "handed" / COUNTY
    before = (made.studio / "repository/metadata/timestamp.json").read_bytes()
    for content in reversed(by_size(handed / "content")):  # the small picture, and its film
        whole = content.read_bytes()
        content.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(StudioError, match="not brought along whole"):
            accept(made.studio, handed, now=NOW)
        content.write_bytes(whole)
    document = handed / f"{COUNTY}.programme.json"
    good = document.read_bytes()
    document.write_bytes(good.replace(b'"weekly"', b'"weakly"'))
    with pytest.raises(StudioError, match="nothing is prepared"):
        accept(made.studio, handed, now=NOW)
    document.write_bytes(good)
    paper = handed / f"{COUNTY}.json"
    signed = paper.read_bytes()
    paper.write_bytes(signed.replace(b'"version":2', b'"version": 2').replace(b'"expires":"2', b'"expires":"3'))
    with pytest.raises(StudioError, match="is false"):
        accept(made.studio, handed, now=NOW)
    paper.write_bytes(signed)
    other = handed.rename(handed.with_name("650102"))
    with pytest.raises(StudioError, match="no delegate"):
        accept(made.studio, other, now=NOW)
    assert (made.studio / "repository/metadata/timestamp.json").read_bytes() == before
    other.rename(handed)
    assert accept(made.studio, handed, now=NOW).films == 1


def test_the_emergency_desk_needs_both_of_its_people(made: Made, source: Path, tmp_path: Path):
    """After one signature nothing can be handed over; after the second it is taken."""
    desk = tmp_path / "desk"
    run("delegate", made.studio, "emergency", "--hand", desk, "--yes")
    text = (source / "library.toml").read_text(encoding="utf-8")
    text += '[[bulletins]]\nid = "storm"\npriority = "emergency"\ntitles = { zh-Hans = "沙尘暴" }\n'
    (source / "library.toml").write_text(text + "issued = 2026-11-23T08:00:00+08:00\n", encoding="utf-8")
    assert run("prepare", desk, source, "--role", "emergency") == 0
    assert run("sign", desk, "--as", "1", "--role", "emergency") == 0
    assert not (desk / "handed").exists()
    assert run("sign", desk, "--as", "2", "--role", "emergency") == 0
    handed = desk / "handed/emergency"
    with pytest.raises(StudioError, match="has expired"):
        accept(made.studio, handed, now=NOW + timedelta(days=9999))
    paper = handed / "emergency.json"
    both = paper.read_bytes()
    one = msgspec.json.decode(both)
    one["signatures"].pop()
    paper.write_bytes(msgspec.json.encode(one))
    with pytest.raises(StudioError, match="1 of 2 signatures"):
        accept(made.studio, handed, now=NOW)
    paper.write_bytes(both)
    assert accept(made.studio, handed, now=NOW).documents == 1


def test_the_offices_commands_tell_first_and_do_with_yes(made: Made, source: Path, capsys: pytest.CaptureFixture[str]):
    """New keys, a new delegate, its own publication, and its end: nothing happens without «yes»."""
    studio = made.studio
    keys = {path.name for path in (studio / "keys").iterdir()}
    for words in (("rotate", studio, "root"), ("delegate", studio, COUNTY)):
        assert run(*words) == 0
        assert "什么都没有改变" in capsys.readouterr().out
        assert {path.name for path in (studio / "keys").iterdir()} == keys
    for _ in range(2):
        assert run("rotate", studio, "root", "--yes") == 0
    assert Repository(studio / "repository", Keyring(studio / "keys")).root().version == 3
    assert run("publish", studio, source, "--as", COUNTY) == 1
    assert "no delegate" in capsys.readouterr().err
    assert run("delegate", studio, COUNTY, "--yes") == 0
    assert run("publish", studio, source, "--as", COUNTY) == 0
    assert run("publish", studio, source, "--as", COUNTY) == 0
    assert "nothing new" in capsys.readouterr().out
    repository = Repository(studio / "repository", Keyring(studio / "keys"))
    assert repository.document(f"{COUNTY}.programme.json", COUNTY) is not None
    assert run("revoke", studio, COUNTY, "--yes") == 0
    assert COUNTY not in repository.roles()


def test_a_studio_made_again_after_a_rotation_makes_no_key(made: Made):
    """A key that signs nothing is one more to lose."""
    for role in ("root", "snapshot"):
        rotate(made.studio, role, now=NOW)
    keys = sorted(path.name for path in (made.studio / "keys").iterdir())
    init(made.studio, now=NOW)
    assert sorted(path.name for path in (made.studio / "keys").iterdir()) == keys


def test_no_key_changes_while_something_waits_for_a_signature(made: Made, source: Path):
    """Half signed under the old keys would be void under the new: the studio says what to do first."""
    prepare(made.studio, source, now=NOW)
    with pytest.raises(StudioError, match="sign it first"):
        rotate(made.studio, "targets", now=NOW)
    assert Repository(made.studio / "repository", Keyring(made.studio / "keys")).root().version == 1
