"""What an editor writes about times, places and notices arrives at the boxes; what cannot be is told at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from estation_wire.audience import Audience, Place, Trade
from estation_wire.bulletins import BULLETINS_NAME, Bulletins
from estation_wire.expansion import closures, expand
from estation_wire.hours import Calendar, Hours
from estation_wire.library import PROGRAMME_NAME, Programme, decode_document
from studio.errors import StudioError
from studio.keyring import Keyring
from studio.publishing import init, publish
from studio.repository import Repository
from studio.source import BulletinSource, RuleSource, read
from studio.timing import MAX_EVENT, bulletin_of, event_of, rule_of
from tests.support.library import NOW, make_video

ZONE = ZoneInfo("Asia/Urumqi")
VILLAGE = Place(kind="village", region="653121", languages=("zh-Hans",), trades=(Trade.FARMING,))
TOWN = Place(kind="school", region="110101", languages=("zh-Hans",))
HEAD = 'name = "科学技术协会"\n' + "".join(
    f'[[items]]\nid = "{name}"\nfile = "{name}.mp4"\ntitles = {{ en = "{name}" }}\ntopic = "health"\ncounts = true\n'
    for name in ("one", "two", "three")
)
LIBRARY = (
    HEAD
    + """
[[playlists]]
id = "all"
items = ["one", "two", "three"]

[[rules]]
id = "daily"
timezone = "Asia/Urumqi"
start = 2026-11-23T20:00:00
rrule = "FREQ=DAILY;UNTIL=20261204T140000Z"
playlist = "all"
take = 2
rotate = "daily"
priority = 3
exdates = [2026-11-24T20:00:00]
moved = [{ from = 2026-11-25T20:00:00, to = 2026-11-25T18:30:00 }]
valid_from = 2026-11-23T00:00:00+06:00
valid_until = 2026-12-05T00:00:00+06:00
audience = { kinds = ["village"], regions = ["653100"], trades = ["farming"] }

[[bulletins]]
id = "flood"
priority = "emergency"
titles = { zh-Hans = "洪水", en = "Flood" }
issued = 2026-11-23T10:00:00Z
not_after = 2026-11-24T10:00:00Z
texts = { zh-Hans = "请上高处。" }
items = ["two"]
seconds = 45
every_minutes = 30
audience = { regions = ["653121"] }

[[closed]]
week = "2026-W49"
reason = "harvest"
audience = { kinds = ["village"] }
"""
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for number, name in enumerate(("one", "two", "three")):
        make_video(folder / f"{name}.mp4", pattern=number)
    (folder / "library.toml").write_text(LIBRARY, encoding="utf-8")
    return folder


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    init(tmp_path / "studio", now=NOW)
    return tmp_path / "studio"


def documents(studio: Path) -> tuple[Programme, Bulletins]:
    repository = Repository(studio / "repository", Keyring(studio / "keys"))
    return (
        decode_document(Programme, repository.document(PROGRAMME_NAME)),
        decode_document(Bulletins, repository.document(BULLETINS_NAME)),
    )


def faults(folder: Path, text: str) -> str:
    (folder / "library.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudioError) as caught:
        read(folder)
    return str(caught.value)


def test_what_an_editor_wrote_is_what_a_box_plans(studio: Path, source: Path):
    """From the list in the editor's folder to the minutes in the hall: exceptions, moves, turns, validity and place."""
    contents = publish(studio, source, now=NOW).contents
    programme, _ = documents(studio)
    after = datetime(2026, 11, 20, tzinfo=UTC)
    hours = Hours(Calendar(), ZONE)
    found = expand(programme, VILLAGE, hours, {}, after=after, until=after + timedelta(days=30), minimum_seconds=600.0)
    assert found.refused == ()
    told = [f"{slot.start.astimezone(ZONE):%m-%d %H:%M}" for slot in found.slots]
    assert told == ["11-23 20:00", "11-25 18:30"] + [
        f"{day:%m-%d} 20:00"
        for day in (datetime(2026, 11, 26) + timedelta(days=n) for n in range(9))  # noqa: DTZ001
    ]
    words = {identity: word for word, identity in contents.items()}
    names = ["one", "two", "three"]
    for slot in found.slots:
        first = slot.start.astimezone(ZONE).date().toordinal() * 2 % 3
        assert [words[content] for content in slot.contents] == [names[first], names[(first + 1) % 3]]
        assert slot.priority == 3
    elsewhere = expand(programme, TOWN, hours, {}, after=after, until=after + timedelta(days=30), minimum_seconds=600.0)
    assert elsewhere == ((), ())


def test_closed_weeks_and_notices_go_to_their_own_places(studio: Path, source: Path):
    contents = publish(studio, source, now=NOW).contents
    programme, bulletins = documents(studio)
    assert closures(programme, VILLAGE) == {"2026-W49": "harvest"}
    assert closures(programme, TOWN) == {}
    (flood,) = bulletins.bulletins
    assert (flood.id, flood.priority, flood.seconds, flood.every_minutes) == ("flood", "emergency", 45, 30)
    assert (flood.titles["zh-Hans"], flood.texts) == ("洪水", {"zh-Hans": "请上高处。"})
    assert (flood.issued.hour, flood.not_after - flood.issued) == (10, timedelta(days=1))
    assert flood.contents == (contents["two"],)
    assert flood.audience == Audience(regions=("653121",))


def test_publishing_it_again_changes_nothing_and_a_new_notice_changes_its_own_document(studio: Path, source: Path):
    assert publish(studio, source, now=NOW).changed
    assert not publish(studio, source, now=NOW + timedelta(days=1)).changed
    path = source / "library.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("请上高处。", "请留在家中。"), encoding="utf-8")
    again = publish(studio, source, now=NOW)
    assert (again.changed, again.catalogue, again.programme) == (True, 1, 1)
    assert [document.version for document in documents(studio)] == [1, 2]


def test_what_cannot_be_published_is_left_out_of_playlists_and_notices(studio: Path, source: Path):
    """A film that is none is told once; the playlist and the notice go out with what is left."""
    (source / "two.mp4").write_text("no film")
    published = publish(studio, source, now=NOW)
    programme, bulletins = documents(studio)
    assert [each.split(":")[0] for each in published.refused] == ["two.mp4"]
    assert programme.playlists[0].contents == (published.contents["one"], published.contents["three"])
    assert bulletins.bulletins[0].contents == ()
    for name in ("one", "three"):
        (source / f"{name}.mp4").write_text("no film")
    assert "rule daily: none of its items can be published" in publish(studio, source, now=NOW).refused
    assert documents(studio)[0].playlists == documents(studio)[0].rules == ()


def test_every_fault_of_rules_playlists_and_notices_is_told_at_once(tmp_path: Path):
    """The editor mends the list in one go, and each fault is in plain words."""
    text = LIBRARY.replace('items = ["one", "two", "three"]', 'items = ["one", "four"]').replace(
        'playlist = "all"', 'playlist = "some"\nitems = ["five"]\nseries = "none"'
    )
    text = text.replace("Asia/Urumqi", "Mars/Olympus").replace("20261204T140000Z", "20261204;BYMINUTE=1,2")
    text = text.replace("exdates = [", "exdates = [2026-11-25T20:00:00, ")
    text = text.replace("T18:30:00 }", "T18:30:00 }, { from = 2026-11-25T20:00:00, to = 2026-11-26T18:30:00 }")
    text = text.replace("valid_until = 2026-12", "valid_until = 2026-10").replace(
        "not_after = 2026-11-24", "not_after = 2026-11-22"
    )
    text = text.replace('items = ["two"]', 'items = ["six"]')
    text += (
        '[[playlists]]\nid = "all"\nitems = ["one"]\n' + text[text.index("[[bulletins]]") : text.index("[[closed]]")]
    )
    text += '[[items]]\nid = "one"\nfile = "x"\ntitles = { en = "x" }\ntopic = "health"\nseries = "nowhere"\n'
    told = faults(tmp_path, text)
    for fault in (
        "all: there is no item four",
        "flood: there is no item six",
        "bulletin flood: it is over before it begins",
        "rule daily: there is no item five",
        "rule daily: there is no playlist some",
        "rule daily: there is no series none",
        "rule daily: give it items, or a playlist",
        "rule daily: UNTIL must be an instant in UTC, such as 20261231T155959Z",
        "rule daily: BYMINUTE and BYSECOND are not understood",
        "rule daily: valid_until is not after valid_from",
        "rule daily: 2026-11-25 20:00:00 is moved twice",
        "rule daily: 2026-11-25 20:00:00 is moved and stands in exdates",
        "rule daily: there is no time zone Mars/Olympus",
        "item one stands there twice",
        "playlist all stands there twice",
        "bulletin flood stands there twice",
        "one: there is no series nowhere",
    ):
        assert fault in told


def test_a_rule_needs_something_to_show(tmp_path: Path):
    text = HEAD + '[[rules]]\nid = "empty"\ntimezone = "UTC"\nstart = 2026-11-27T20:00:00\nrrule = "DAILY"\n'
    told = faults(tmp_path, text)
    assert "rule empty: give it items, or a playlist" in told
    assert "rule empty: 'DAILY' is no RRULE" in told


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('kinds = ["village"], regions', 'kind = ["village"], regions', "kind"),
        ('{ regions = ["653121"] }', '{ region = ["653121"] }', "region"),
        ('reason = "harvest"', 'reason = "harvest"\nregions = ["653121"]', "regions"),
        ('trades = ["farming"]', 'trades = ["mining"]', "mining"),
        ("2026-W49", "2026-W54", "closed"),
        ("T18:30:00 }", "T18:30:00+06:00 }", "moved"),
        ("issued = 2026-11-23T10:00:00Z", "issued = 2026-11-23T10:00:00", "issued"),
        ('rotate = "daily"', 'rotate = "hourly"', "hourly"),
        ("seconds = 45", "seconds = 4500", "seconds"),
        ('id = "flood"', 'id = "flood"\ncolour = "red"', "colour"),
    ],
)
def test_a_misspelt_word_is_told_and_makes_nothing_everybodys(tmp_path: Path, old: str, new: str, word: str):
    """A notice for one county must not go to the whole country because of a slip of the pen."""
    assert old in LIBRARY
    assert word in faults(tmp_path, LIBRARY.replace(old, new))


def test_a_rule_with_too_many_exceptions_is_refused_before_a_box_refuses_all(tmp_path: Path):
    """One rule that is too long would make every box refuse the whole programme."""
    start = datetime(2026, 11, 23, 20)  # noqa: DTZ001 - a wall time
    days = [start + timedelta(days=number) for number in range(100)]
    moves = ", ".join(f"{{ from = {day:%Y-%m-%dT%H:%M:%S}, to = {day:%Y-%m-%dT18:00:00} }}" for day in days)
    old = "moved = [{ from = 2026-11-25T20:00:00, to = 2026-11-25T18:30:00 }]"
    told = faults(tmp_path, LIBRARY.replace(old, f"moved = [{moves}]"))
    assert "rule daily: it has too many exceptions" in told


def test_an_event_of_the_greatest_length_is_one_that_a_box_takes():
    """The studio's limit is the contract's."""
    start = datetime(2026, 11, 23, 20)  # noqa: DTZ001 - a wall time
    plain = RuleSource(id="daily", timezone="Asia/Urumqi", start=start, rrule="FREQ=DAILY", items=("one",))
    rule = rule_of(plain, ("a" * 64,))
    long = rule.event + "X" * (MAX_EVENT - len(rule.event))
    for event, taken in ((long, True), (long + "X", False)):
        assert takes(msgspec.json.encode(Programme(v=1, version=1, rules=(replace(rule, event=event),)))) is taken
    assert event_of(plain) == rule.event


def takes(raw: bytes) -> bool:
    try:
        decode_document(Programme, raw)
    except ValueError:
        return False
    return True


def test_more_rules_than_a_box_takes_are_not_published(studio: Path, source: Path):
    """What every box would refuse never leaves the studio, and what was published before stands."""
    publish(studio, source, now=NOW)
    one = LIBRARY[LIBRARY.index("[[rules]]") : LIBRARY.index("[[bulletins]]")]
    many = "".join(one.replace('"daily"', f'"daily-{number}"', 1) for number in range(2001))
    (source / "library.toml").write_text(LIBRARY + many, encoding="utf-8")
    with pytest.raises(StudioError, match="no box would take this: programme"):
        publish(studio, source, now=NOW)
    assert len(documents(studio)[0].rules) == 1


def test_a_notice_without_films_is_words_alone():
    notice = BulletinSource(id="a", priority="normal", titles={"en": "x"}, issued=NOW, items=("gone",))
    assert bulletin_of(notice, {}).contents == ()
