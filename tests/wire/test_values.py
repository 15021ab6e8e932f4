"""The small types, and words from outside made to fit them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_wire import values
from tests.support.wire_values import steady


@steady
@given(st.text(st.characters(), max_size=300))
def test_any_words_can_be_made_to_fit(text):
    """A file with the strangest name can be reported, and the report is taken."""
    fitted = values.fitting(text, 96)
    assert len(fitted) <= 96
    assert msgspec.json.decode(msgspec.json.encode(fitted), type=values.Title) == fitted


def test_words_that_fit_stay_as_they_are():
    """Nothing is lost of words that are right already."""
    assert values.fitting("科普天地: نۇر", 200) == "科普天地: نۇر"
    assert values.fitting("half\ncopied\x00\udcff", 200) == "half copied ?"


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (values.Region, ["653101"], ["65310", "6531011", "65310a", "653101\n", "٦٥٣١٠١"]),
        (values.Station, ["hall-0007", "7", "h" * 48], ["", "-hall", "Hall", "hall 7", "h" * 49, "hall\n", "../x"]),
        (values.JournalId, ["0f" * 16], ["0F" * 16, "0f" * 15, "0f" * 16 + "\n"]),
        (values.Language, ["zh-Hans", "ug-Arab", "en", "srh", "zh-Hans-CN", "es-419"], ["", "zh_Hans", "zh-hans", "e"]),
        (values.Week, ["2026-W01", "2026-W53"], ["2026-W00", "2026-W54", "2026-W1", "2026W01"]),
        (values.Name, ["0.1.0", "a", "kepu:tiandi_1"], ["", ".hidden", "a b", "a/b", "x" * 65]),
        (values.Zone, ["UTC", "Asia/Urumqi", "America/Argentina/Buenos_Aires", "Etc/GMT+8"], ["", "/etc", "../x"]),
        (values.Title, ["", "科普天地", "x" * 200], ["a\nb", "\x7f", "x" * 201]),
        (values.Reason, ["", "a\nb", "x" * 500], ["a\0b", "x" * 501]),
        (values.Major, [1, 999], [0, 1000, 1.0, True]),
        (values.Sequence, [1, 2**53 - 1], [0, 2**53, -1]),
        (values.Watermark, [0, 2**53 - 1], [-1, 2**53]),
        (values.Seconds, [0, 0.5, 1e9], [-0.1, 1.1e9, "1"]),
        (values.Instant, ["2026-11-24T11:00:31Z", "2026-11-24T19:00:31.5+08:00"], ["2026-11-24T11:00", 1]),
    ],
)  # fmt: skip
def test_each_type_takes_what_it_should_and_no_more(type_: Any, good: list[Any], bad: list[Any]):
    """A limit stands in the type, so nobody after the decoder has to think of it."""
    for value in good:
        msgspec.convert(value, type_)
    for value in bad:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(value, type_)


def test_the_same_patterns_serve_outside_the_decoder():
    """A name typed by a person is judged as one that came over the wire."""
    assert values.matches(values.STATION_PATTERN, "hall-0007")
    assert not values.matches(values.STATION_PATTERN, "hall-0007\n")
