"""A film that must not be shown any more: recalled in the studio, gone from every box at its next visit, for good."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.library import said
from estation_box.library.shelf import SteadyShelf
from estation_box.programme.sessions import Sessions
from estation_wire import stick as layout
from estation_wire.library import CATALOGUE_NAME, Catalogue
from estation_wire.values import Origin
from studio import command, recalling
from studio.delegation import delegate, publish_as
from studio.errors import StudioError
from studio.preparing import sign, waiting
from studio.publishing import init, publish
from tests.studio.test_studio import documents
from tests.support.library import NOW, Made, make_stick, make_video
from tests.support.sync_box import Box
from tests.support.trusting import COUNTY, again, copied, refreshed


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("publisher"))


@pytest.fixture
def made(publisher: Made, tmp_path: Path) -> Made:
    there = copied(publisher, tmp_path / "made")
    shutil.copytree(publisher.source, tmp_path / "source")
    return there._replace(source=tmp_path / "source")


def load(box: Box, stick: Path) -> object:
    """What a visit does with documents and films, in short."""
    took = refreshed(box, stick)
    with LibraryWriter(box.state / "library.db") as books:
        for content, size in books.contents().items():
            source = stick / layout.CONTENT / content
            if content not in books.holdings() and source.is_file():
                (box.state / "cache").mkdir(exist_ok=True)
                shutil.copy(source, box.state / "cache" / content)
                books.have(content, size, (stick / layout.BLOCKS / content).read_bytes())
    return took


def shown(box: Box, *contents: str) -> set[str]:
    """What a session of these contents would really show."""
    with LibraryStore(box.state / "library.db") as store:
        shelf = SteadyShelf(store, store)
        asked = Sessions(shelf, lambda: "0" * 32).asked(contents, Origin.COMMAND)
        return {clip.content for clip in asked.clips} | {content for content, _ in shelf.films()}


def test_a_recalled_film_leaves_the_stick_and_the_box_and_does_not_come_back(made: Made, tmp_path: Path):
    """After the visit the film can be shown neither by plan nor by hand, and an old stick does not bring it back."""
    box = Box(tmp_path / "box", made.root)
    load(box, made.stick)
    bad, good = made.published.contents["video-0"], made.published.contents["video-1"]
    assert shown(box, bad, good) == {bad, good}
    older = tmp_path / "older"
    shutil.copytree(made.stick, older)
    assert recalling.recall(made.studio, "节目0", now=NOW) is True
    stick = again(made)
    assert not (stick / layout.CONTENT / bad).exists()
    assert not (stick / layout.BLOCKS / bad).exists()
    assert load(box, stick) is True
    assert shown(box, bad, good) == {good}
    assert box.held() == {good}
    assert not (box.state / "cache" / bad).exists()
    assert load(box, older) == said.OLDER
    assert shown(box, bad, good) == {good}


def test_a_recalled_film_stays_recalled_when_the_editor_publishes_again(made: Made):
    """The film still stands in the editor's list: it is told, and is not published."""
    bad = made.published.contents["video-0"]
    recalling.recall(made.studio, bad[:10], now=NOW)
    published = publish(made.studio, made.source, now=NOW)
    assert published.refused == ("video-0: it was recalled, and is left out",)
    catalogue, programme, _ = documents(made.studio)
    assert (catalogue.recalled, [item.id for item in catalogue.items]) == ((bad,), [published.contents["video-1"]])
    assert bad not in programme.rules[0].contents


def test_the_dry_run_says_where_it_is_used_and_changes_nothing(made: Made, capsys: pytest.CaptureFixture[str]):
    """Who recalls reads first in which rules and stations the film is, and that a rule would be left empty."""
    before = {path: path.read_bytes() for path in (made.studio / "repository/metadata").iterdir()}
    assert command.main(["recall", str(made.studio), "Video 0"]) == 0
    told = capsys.readouterr().out
    assert "rules: weekly" in told
    assert "stations: hall-0007" in told
    assert "would have nothing" not in told
    assert "--yes" in told
    assert {path: path.read_bytes() for path in (made.studio / "repository/metadata").iterdir()} == before
    assert command.main(["recall", str(made.studio), "Video 0", "--yes"]) == 0
    assert command.main(["recall", str(made.studio), "Video"]) == 0
    assert "rule weekly would have nothing to show: it goes too" in capsys.readouterr().out
    assert command.main(["recall", str(made.studio), "Video 1", "--yes"]) == 0
    assert documents(made.studio)[1].rules == ()
    assert command.main(["recall", str(made.studio), "Video 1"]) == 1
    assert "nothing that is published" in capsys.readouterr().err


def test_a_list_of_recalled_films_that_is_damaged_stops_the_studio(made: Made):
    """Half a list would bring recalled films back: nothing is published before it is put right."""
    (made.studio / "recalled.json").write_bytes(b'["0ff')
    with pytest.raises(StudioError, match="restore the studio's folder"):
        publish(made.studio, made.source, now=NOW)


def test_a_word_that_may_mean_two_films_is_asked_back(made: Made):
    """Nobody recalls the wrong film by half a title."""
    with pytest.raises(StudioError, match="may be several films"):
        recalling.look(made.studio, "Video")
    with pytest.raises(StudioError, match="nothing that is published"):
        recalling.look(made.studio, "")


def test_with_two_signatures_a_recall_waits_for_the_second(tmp_path: Path, publisher: Made):
    """One person alone takes nothing off the boxes; the second signature does."""
    studio = tmp_path / "studio"
    init(studio, now=NOW, threshold=2)
    publish(studio, publisher.source, now=NOW)
    assert recalling.recall(studio, "节目0", now=NOW) is False
    state = waiting(studio)
    assert state is not None
    assert "recalled film: 节目0" in state.summary
    assert documents(studio)[0].recalled == ()
    sign(studio, "1", now=NOW)
    assert sign(studio, "2", now=NOW).published
    assert documents(studio)[0].recalled == (publisher.published.contents["video-0"],)


def test_playlists_and_notices_lose_the_film_too(made: Made):
    """A playlist goes on with its other films; one that is empty goes, with the rule that plays it."""
    make_video(made.source / "video-2.mp4", pattern=9)
    listed = (made.source / "library.toml").read_text(encoding="utf-8")
    listed += (
        '[[items]]\nid = "video-2"\nfile = "video-2.mp4"\ntitles = { en = "Third" }\ntopic = "health"\n'
        '[[playlists]]\nid = "both"\nitems = ["video-2", "video-1"]\n[[playlists]]\nid = "one"\nitems = ["video-2"]\n'
        '[[rules]]\nid = "lone"\ntimezone = "Asia/Urumqi"\nstart = 2026-11-27T20:00:00\nplaylist = "one"\n'
        '[[bulletins]]\nid = "cold"\npriority = "normal"\ntitles = { en = "Cold" }\n'
        'issued = 2026-12-01T08:00:00+08:00\nitems = ["video-2"]\n'
    )
    (made.source / "library.toml").write_text(listed, encoding="utf-8")
    contents = publish(made.studio, made.source, now=NOW).contents
    use = recalling.look(made.studio, "Third")
    assert (use.rules, use.emptied, use.playlists, use.notices) == (("lone",), ("lone",), ("both", "one"), ("cold",))
    assert recalling.recall(made.studio, "Third", now=NOW)
    _, programme, _ = documents(made.studio)
    assert [(each.id, each.contents) for each in programme.playlists] == [("both", (contents["video-1"],))]
    assert [rule.id for rule in programme.rules] == ["weekly"]
    assert "rule lone: none of its items can be published" in publish(made.studio, made.source, now=NOW).refused


def test_a_county_recalls_its_own_films_and_the_publisher_everybodys(made: Made, tmp_path: Path):
    """A county that recalls a film of the publisher's changes nothing; the publisher's word holds for the county."""
    catalogue = documents(made.studio)[0]
    own = msgspec.structs.replace(catalogue.items[0], id="c" * 64)
    county = Catalogue(v=1, version=1, items=(own,), recalled=(catalogue.items[0].id,))
    delegate(made.studio, COUNTY, now=NOW)
    publish_as(made.studio, COUNTY, {CATALOGUE_NAME: msgspec.json.encode(county)}, now=NOW)
    box = Box(tmp_path / "box", made.root)
    assert refreshed(box, again(made)) is True
    with LibraryStore(box.state / "library.db") as store:
        ids = (catalogue.items[0].id, own.id)
        assert set(store.items(ids)) == set(ids)
        assert store.recalled() == frozenset()
    assert recalling.recall(made.studio, own.id, now=NOW)
    assert refreshed(box, again(made)) is True
    with LibraryStore(box.state / "library.db") as store:
        assert set(store.items(ids)) == {catalogue.items[0].id}
        assert store.recalled() == {own.id}
