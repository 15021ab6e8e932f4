"""Who hears and reads what, and how loud."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from estation_box.playout import tracks
from estation_wire import languages
from estation_wire.library import Item, Track
from estation_wire.profile import Quiet
from tests.support.box import item


def film(*told: Track) -> Item:

    return replace(item("a"), tracks=told)


def at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Asia/Urumqi"))


def audio(number: int, language: str, use: str = "plain") -> Track:
    return Track(kind="audio", number=number, language=language, use=use)


def words(number: int, language: str, use: str = "plain") -> Track:
    return Track(kind="subtitles", number=number, language=language, use=use)


def test_kazakh_is_heard_in_any_script_and_read_in_its_own():
    """Who reads Arabic letters cannot read Cyrillic ones; the ear knows no script."""
    both = film(audio(1, "zh-Hans"), audio(2, "kk"), words(1, "kk-Cyrl"), words(2, "kk-Arab"))
    chosen = tracks.choose(both, ("kk-Arab", "zh-Hans"), ("kk-Arab",))
    assert (chosen.audio, chosen.subtitles) == (2, 2)
    assert tracks.choose(film(words(1, "kk-Cyrl")), ("kk-Arab",), ("kk-Arab",)).subtitles == 0


def test_the_first_language_that_there_is_is_taken_and_none_is_left_to_the_file():
    heard = film(audio(1, "zh-Hans"), audio(2, "en"), audio(3, "srh"))
    assert tracks.choose(heard, ("srh", "zh-Hans"), ()).audio == 3
    assert tracks.choose(heard, ("wbl", "en"), ()).audio == 2
    assert tracks.choose(heard, ("ug-Arab",), ()) == (None, 0, None, None)


def test_a_tag_that_is_exactly_wanted_goes_before_one_that_is_only_understood():
    assert tracks.choose(film(audio(1, "zh"), audio(2, "zh-Hans")), ("zh-Hans",), ()).audio == 2
    assert tracks.choose(film(audio(1, "zh")), ("zh-Hans",), ()).audio == 1
    assert tracks.choose(film(words(1, "zh-Hant")), (), ("zh-Hans",)).subtitles == 0


def test_captions_for_the_deaf_come_where_they_are_needed_and_stand_back_elsewhere():
    told = film(audio(1, "zh-Hans"), words(1, "zh-Hans", "captions"), words(2, "zh-Hans"))
    assert tracks.choose(told, ("zh-Hans",), ("zh-Hans",)).subtitles == 2
    assert tracks.choose(told, ("zh-Hans",), (), ("captions",)).subtitles == 1
    assert tracks.choose(told, ("zh-Hans",), ()).subtitles == 0


def test_a_description_is_spoken_to_the_blind_alone():
    told = film(audio(1, "en", "description"), audio(2, "en"))
    assert tracks.choose(told, ("en",), ()).audio == 2
    assert tracks.choose(told, ("en",), (), ("description",)).audio == 1
    assert [(way.language, way.described) for way in tracks.voices((told,))] == [("en", False), ("en", True)]
    assert [tracks.voice(told, number).described for number in (None, 1, 2)] == [True, True, False]


@pytest.mark.parametrize(
    ("lufs", "decibels"), [(-23.0, 0.0), (-14.0, -9.0), (-26.0, 3.0), (-40.0, 6.0), (-0.0, -20.0), (None, 0.0)]
)
def test_every_film_is_as_loud_as_the_others_and_none_is_made_to_clip(lufs, decibels):
    assert tracks.gain(lufs) == pytest.approx(decibels)


def test_quiet_hours_hold_from_their_first_minute_to_their_last_and_the_quietest_wins():
    quiet = (
        Quiet(days=("MO",), begin="12:30", end="14:00", quieter=12),
        Quiet(days=("MO",), begin="13:00", end="13:30", quieter=30),
    )
    assert [tracks.quieter(quiet, at(23, *time)) for time in ((12, 29), (12, 30), (13, 0))] == [0.0, -12.0, -30.0]
    assert tracks.quieter(quiet, at(23, 14, 0)) == 0.0
    assert tracks.quieter(quiet, at(24, 13, 0)) == 0.0


@pytest.mark.parametrize(
    ("wanted", "tag", "reads"),
    [
        ("ug-Arab", "ug", True),
        ("ky-Arab", "ky", False),
        ("ky-Arab", "ky-Arab-CN", True),
        ("en", "en-GB", True),
        ("srh", "srh", True),
        ("wbl", "srh", False),
    ],
)
def test_who_reads_what(wanted, tag, reads):
    assert languages.read_by(wanted, tag) is reads


def test_words_come_in_a_language_that_is_read_here():
    assert languages.of({"zh": 1, "kk-Cyrl": 2}, ("kk-Arab", "zh-Hans")) == "zh"
    assert languages.of({"kk-Cyrl": 2}, ("kk-Arab",)) is None
