"""The receipt opens in any browser, asks nothing of any network, and cannot be made to run anything."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from estation_box.library import said
from estation_box.library.receipt import Receipt, page, told
from estation_box.library.said import Line
from estation_box.words import Said

EVIL = "<script>alert(1)</script>\"'&"


def receipt(*lines: Line, station: str = "hall-0007") -> Receipt:
    return Receipt(v=1, station=station, at=datetime(2026, 11, 23, 2, 42, tzinfo=UTC), epoch=1, lines=told(lines))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def parsed(document: str) -> Tags:
    tags = Tags()
    tags.feed(document)
    return tags


def test_ticks_and_crosses_stand_where_they_belong():
    """A good line has a tick, a bad one a cross, both in two languages, with the station's own time."""
    text = page(
        receipt(Line(ok=True, said=said.CERTIFICATE_TAKEN), Line(ok=False, said=said.UNSIGNED)), ZoneInfo("Asia/Urumqi")
    )
    tags = parsed(text)
    assert tags.text.count("✓") == 1
    assert tags.text.count("✗") == 1
    for words in (said.CERTIFICATE_TAKEN.zh, said.UNSIGNED.en, "2026-11-23 08:42 Asia/Urumqi"):
        assert words in tags.text
    assert "可以拔出" not in tags.text


def test_a_good_receipt_says_so():
    """When all is well the page says that the stick may be pulled."""
    assert "可以拔出" in page(receipt(Line(ok=True, said=said.CERTIFICATE_TAKEN)), ZoneInfo("UTC"))


def test_nothing_from_outside_becomes_part_of_the_page():
    """A title with a script in it is shown as words."""
    line = Line(ok=False, said=Said(EVIL, EVIL))
    tags = parsed(page(receipt(line, station=EVIL), ZoneInfo("UTC")))
    assert not {"script", "img", "link", "iframe", "a"} & {tag for tag, _ in tags.seen}
    assert not {"src", "href", "onclick", "onerror"} & {name for _, attributes in tags.seen for name in attributes}
    assert EVIL in tags.text


def test_every_sentence_fits_the_record():
    """What is said of a stick fits the journal's record, with long facts in it, in both languages."""
    facts = dict.fromkeys(
        ("version", "rule", "name", "count", "mib", "title", "station", "other", "number", "kind", "rate", "left"),
        "很长的题目" * 50,
    )
    sentences = [value for value in vars(said).values() if isinstance(value, Said)]
    assert len(sentences) > 30
    for sentence in sentences:
        filled = sentence.about(**facts)
        for words in filled:
            assert "{" not in words
            assert len(words) <= 300
    short = {**facts, **dict.fromkeys(("count", "mib", "number", "version", "kind", "rate", "left"), "1440")}
    lengths = {len(words): words for sentence in sentences for words in sentence.about(**short)}
    assert max(lengths) <= 96, lengths[max(lengths)]


def test_people_are_spoken_to_in_their_language():
    """English where the station puts it first, Chinese otherwise: also for Uyghur, and on a bare box."""
    sentence = Said("中", "en")
    assert sentence.to(("ug-Arab", "en", "zh-Hans")) == "en"
    assert sentence.to(("zh-Hans", "en")) == "中"
    assert sentence.to(("ug-Arab",)) == "中"
    assert sentence.to(()) == "中"
