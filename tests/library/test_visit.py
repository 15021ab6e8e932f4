"""What becomes of a stick, good or bad; each fault in plain words, and what was there before stays."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from estation_box.drivers.library_store import LibraryStore
from estation_box.library import said
from estation_box.library.interfaces import CardError
from estation_wire import stick as layout
from estation_wire.blocks import content_id, digest
from estation_wire.bulletins import BULLETINS_NAME
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, Catalogue
from studio.keyring import Keyring
from studio.publishing import init, publish
from studio.repository import Repository
from studio.stick import write_stick
from tests.support.library import NOW, Made, make_stick, make_video, shown, write_source
from tests.support.library import wall as local
from tests.support.sync_box import Box, receipt_of
from tests.support.troubled_stick import TroubledStick
from tests.support.visit_fixtures import VIDEO_BYTES

LIBRARY = "ESTATION/library"


def test_a_good_stick_makes_a_station_that_can_play(made: Made, box: Box):
    """From one stick the bare box has its name, its programmes and its plan, and leaves a good receipt."""
    synced = box.visit(made.stick)

    assert (synced.taken, synced.refused, synced.reasons) == (4, 0, ())
    assert (synced.catalogue, synced.programme, synced.changed, synced.provisioned) == (1, 1, True, True)
    assert box.profile.station == "hall-0007"
    assert box.held() == set(made.published.contents.values())
    with LibraryStore(box.state / "library.db") as shelf:
        slots = shelf.slots(NOW, NOW + timedelta(days=14))
        assert [slot.start - NOW for slot in slots] == [timedelta(minutes=30), timedelta(days=7, minutes=30)]
        assert list(slots[0].contents) == shown(made)
        items = shelf.items(slots[0].contents)
        assert [items[content].titles["zh-Hans"] for content in slots[0].contents] == ["节目3", "节目2"]
        assert shelf.held(slots[0].contents[0]).stat().st_size == VIDEO_BYTES
        assert shelf.series_titles("kepu-tiandi")["zh-Hans"] == "科普天地"
        assert shelf.series_titles("unknown") == {}
    receipt = receipt_of(made.stick)
    assert all(line.ok for line in receipt.lines)
    assert (receipt.station, receipt.epoch, receipt.held) == ("hall-0007", 1, 4)
    for ready in (False, True):  # this week's films, then the rest
        told = [word.fraction for word in box.ears.heard if word.ready is ready]
        assert len(told) > 2
        assert told == sorted(told)
    assert "正在装载 1/2 节目3" in box.ears.words


def test_the_same_stick_again_changes_nothing(made: Made, box: Box):
    """Putting the stick in twice does no harm and takes nothing twice."""
    box.visit(made.stick)
    synced = box.visit(made.stick)
    assert (synced.taken, synced.refused, synced.changed, synced.provisioned) == (0, 0, False, False)


def test_a_stick_of_another_publisher_is_refused(made: Made, box: Box, tmp_path: Path):
    """A library that our publisher did not sign is not taken, and what played before goes on."""
    box.visit(made.stick)
    stranger = make_stick(tmp_path / "stranger", videos=1, station=None)
    synced = box.visit(stranger.stick)
    assert synced.reasons == (said.UNSIGNED.zh,)
    assert box.held() == set(made.published.contents.values())
    assert said.UNSIGNED.en in [line.en for line in receipt_of(stranger.stick).lines if not line.ok]


def test_a_bare_box_takes_nothing_from_another_publisher(original: Made, box: Box, tmp_path: Path):
    """Neither name nor programmes come from a stick that our publisher did not sign."""
    stranger = make_stick(tmp_path / "stranger", videos=1)
    synced = box.visit(stranger.stick)
    assert synced.reasons == (said.UNSIGNED.zh, said.PROFILE_NO_KEYS.zh)
    assert (box.profile, box.held()) == (None, set())


def test_a_stick_that_is_not_ours_is_told_so(box: Box, tmp_path: Path):
    """Somebody's holiday pictures are left alone."""
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday/beach.mp4").write_bytes(b"not for you")
    synced = box.visit(tmp_path / "holiday")
    assert synced.reasons == (said.NOT_OURS.zh,)
    assert list((tmp_path / "holiday").iterdir()) == [tmp_path / "holiday/beach.mp4"]


def test_a_half_copied_library_changes_nothing(made: Made, box: Box):
    """A stick on which documents are missing leaves the box's library as it was, and can be mended and used."""
    box.visit(made.stick)
    write_source(made.source, videos=4, start=local(NOW + timedelta(minutes=30)), title="Other")
    publish(made.studio, made.source, now=NOW)
    write_stick(made.studio, made.stick)
    documents = made.stick / LIBRARY / "targets"
    whole = {path: path.read_bytes() for path in documents.glob("*.catalogue.json")}
    for path, data in whole.items():
        path.write_bytes(data[: len(data) // 2])
    synced = box.visit(made.stick)
    assert synced.reasons == (said.HALF_COPIED.zh,)
    assert synced.catalogue == 1
    for path, data in whole.items():
        path.write_bytes(data)
    assert box.visit(made.stick).catalogue == 2


def test_a_library_without_its_metadata_is_half_copied(made: Made, box: Box):
    """A stick that lacks one file of metadata is called half copied."""
    (made.stick / LIBRARY / "metadata/1.targets.json").unlink()
    assert said.HALF_COPIED.zh in box.visit(made.stick).reasons


def test_a_half_copied_video_is_left_out_and_named(made: Made, box: Box):
    """Of a video that was cut off while copying nothing is held; the others are."""
    cut = shown(made)[0]
    path = made.stick / layout.content(cut)
    path.write_bytes(path.read_bytes()[:-1])
    synced = box.visit(made.stick)
    assert synced.reasons == (said.CONTENT_SHORT.about(title="节目3").zh,)
    assert box.held() == set(made.published.contents.values()) - {cut}


def test_a_missing_video_of_the_programme_is_named(made: Made, box: Box):
    """Where the stick lacks what the programme needs, the receipt says so."""
    (made.stick / layout.content(shown(made)[1])).unlink()
    (made.stick / layout.content(made.published.contents["video-0"])).unlink()
    synced = box.visit(made.stick)
    assert synced.reasons == (said.CONTENT_MISSING.about(count=1, title="节目2").zh,)


def test_a_file_that_is_not_a_video_is_refused(box: Box, made: Made):
    """Even where the publisher signed it: a text file is not shown on the screen."""
    identity = _signed_text(made)
    synced = box.visit(made.stick)
    assert synced.reasons == (said.CONTENT_STRANGE.about(title="节目0").zh,)
    assert identity not in box.held()


def _signed_text(made: Made) -> str:
    """Publish a text in the place of video-0, as a studio without ffprobe's eyes would."""
    text = b"this is not a video\n" * 100
    blocks = digest(text)
    identity = content_id(blocks)
    repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
    names = (CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, BULLETINS_NAME)
    documents = {name: repository.document(name) for name in names}
    catalogue = msgspec.json.decode(documents[CATALOGUE_NAME], type=Catalogue)
    first = msgspec.structs.replace(catalogue.items[0], id=identity, size=len(text))
    changed = msgspec.structs.replace(catalogue, version=2, items=(first, *catalogue.items[1:]))
    documents[CATALOGUE_NAME] = msgspec.json.encode(changed)
    repository.publish(documents, NOW)
    (made.studio / "repository/content" / identity).write_bytes(text)
    (made.studio / "repository/blocks" / identity).write_bytes(blocks)
    write_stick(made.studio, made.stick)
    return identity


def test_a_read_only_stick_still_loads_the_box(made: Made, box: Box):
    """With the write-protect switch on, all is loaded; only the receipt cannot be left, and the TV says so."""
    with TroubledStick(made.stick, read_only=True) as stick:
        synced = box.visit(stick)
    assert synced.reasons == (said.READ_ONLY.zh,)
    assert (synced.taken, synced.provisioned, len(box.held())) == (4, True, 4)


def test_a_full_stick_still_loads_the_box(made: Made, box: Box):
    """On a full stick no receipt can be left, and the TV says so; all else is done."""
    with TroubledStick(made.stick, room=100) as stick:
        synced = box.visit(stick)
    assert synced.reasons == (said.STICK_FULL.zh,)
    assert len(box.held()) == 4


def test_a_full_box_says_so(made: Made, original: Made, tmp_path: Path):
    """A box without room takes the documents, leaves the videos out, and says so."""
    box = Box(tmp_path / "full", original.root, reserve=2**60)
    synced = box.visit(made.stick)
    assert synced.reasons == (said.BOX_FULL.about(count=4).zh,)
    assert (synced.provisioned, synced.catalogue, box.held()) == (True, 1, set())


def test_a_pulled_stick_gives_what_is_needed_first_and_goes_on_where_it_was(made: Made, box: Box):
    """The next session's videos come first; put in again, only the rest is read."""
    with TroubledStick(made.stick, pulled_after=VIDEO_BYTES + 2 * 1024 * 1024 + 100) as stick:
        synced = box.visit(stick)
    assert synced.reasons == (said.UNREADABLE.zh,)
    assert box.held() == {shown(made)[0]}
    with TroubledStick(made.stick) as stick:
        synced = box.visit(stick)
        assert stick.bytes_read < 2 * VIDEO_BYTES + 1024 * 1024 + 1024
    assert (synced.taken, synced.refused, len(box.held())) == (3, 0, 4)


def test_what_the_box_trusts_is_filled_up_from_any_stick(made: Made, box: Box):
    """A library that is older is refused, yet its videos still fill what the box's own catalogue lacks."""
    shutil.copytree(made.stick, made.stick.with_name("older"))
    for content in (made.stick / LIBRARY / "content").iterdir():
        content.unlink()
    write_source(made.source, videos=4, start=local(NOW + timedelta(minutes=30)), title="Other")
    publish(made.studio, made.source, now=NOW)
    write_stick(made.studio, made.stick)
    for content in (made.stick / LIBRARY / "content").iterdir():
        content.unlink()
    box.visit(made.stick)
    assert box.held() == set()
    synced = box.visit(made.stick.with_name("older"))
    assert said.OLDER.zh in synced.reasons
    assert (synced.catalogue, len(box.held())) == (2, 4)


def test_a_rule_that_makes_no_sense_is_left_out(made: Made, box: Box):
    """A rule that the box cannot understand does not stop the others."""
    text = (made.source / "library.toml").read_text(encoding="utf-8")
    text += '[[rules]]\nid = "odd"\ntimezone = "Asia/Urumqi"\nstart = 2026-11-27T20:00:00\n'
    text += 'rrule = "FREQ=WEEKLY;BYDAY=XX"\nitems = ["video-1"]\n'
    (made.source / "library.toml").write_text(text, encoding="utf-8")
    publish(made.studio, made.source, now=NOW)
    write_stick(made.studio, made.stick)
    synced = box.visit(made.stick)
    assert synced.reasons == (said.RULE_BAD.about(rule="odd").zh,)
    with LibraryStore(box.state / "library.db") as shelf:
        assert {slot.rule for slot in shelf.slots(NOW, NOW + timedelta(days=14))} == {"weekly"}


def test_every_day_the_plan_reaches_fourteen_days_ahead(made: Made, box: Box):
    """Without any stick the table of slots moves on with the days."""
    box.visit(made.stick)
    synced = box.daily(NOW + timedelta(days=7))
    assert synced.changed
    with LibraryStore(box.state / "library.db") as shelf:
        slots = shelf.slots(NOW, NOW + timedelta(days=60))
        assert [slot.start - NOW for slot in slots] == [
            timedelta(minutes=30),  # what is past stays as it was planned: a miss is a miss
            timedelta(days=7, minutes=30),
            timedelta(days=14, minutes=30),
        ]
    assert not box.daily(NOW + timedelta(days=7)).changed


def test_a_bare_box_has_nothing_to_plan(box: Box):
    """Before the first stick the daily expansion does nothing."""
    assert box.daily(NOW).changed is False


def test_a_smaller_library_forgets_what_it_no_longer_names(made: Made, box: Box):
    """What the publisher takes out of the catalogue is no item any more."""
    box.visit(made.stick)
    write_source(made.source, videos=2, start=local(NOW + timedelta(minutes=30)))
    published = publish(made.studio, made.source, now=NOW)
    write_stick(made.studio, made.stick)
    box.visit(made.stick)
    with LibraryStore(box.state / "library.db") as shelf:
        assert set(shelf.items(tuple(made.published.contents.values()))) == set(published.contents.values())


def test_without_the_publishers_root_nothing_can_be_trusted(made: Made, box: Box):
    """A box whose image lacks the root says so in plain words."""
    (box.configuration / "root.json").unlink()
    with pytest.raises(CardError, match="root"):
        box.visit(made.stick)


def test_videos_made_here_are_real(tmp_path: Path):
    """The helper's videos are videos: the studio takes them."""
    init(tmp_path / "studio", now=NOW)
    (tmp_path / "source").mkdir()
    make_video(tmp_path / "source/video-0.mp4")
    write_source(tmp_path / "source", videos=1, start=local(NOW))
    assert publish(tmp_path / "studio", tmp_path / "source", now=NOW).refused == ()
