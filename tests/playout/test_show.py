from __future__ import annotations

from datetime import timedelta

import pytest

from estation_box.playout import show as shows
from estation_box.playout import telling
from estation_box.playout.player_words import EntryState
from estation_wire.audience import Topic
from estation_wire.library import Item, Track
from estation_wire.values import Tv
from tests.playout.values import SESSION, clip, moment, show, state


def test_what_two_players_showed_of_a_film_is_added_and_never_exceeds_the_film():
    """A player that died had shown four seconds; its successor shows the rest; ten seconds are counted, not twelve."""
    first = shows.absorb(show(), state(EntryState(id="0", shown=4.0, position=4.2)))
    second = shows.carried_over(first)
    assert shows.entries(second)[0].position == 4.2
    done = shows.absorb(second, state(EntryState(id="0", shown=8.0, position=10.0, end="eof"), player="p2"))
    assert done.clips[0].total == 10.0
    assert done.clips[0].completed


def test_the_end_of_the_file_alone_proves_nothing():
    """A film that was cut on the stick ends early; it is told as not completed, with what was really shown."""
    after = shows.absorb(show(), state(EntryState(id="0", shown=3.9, position=10.0, end="eof")))
    fields = telling.clip_fields(after, after.clips[0])
    assert fields["shown"] == 3.9
    assert not fields["completed"]


def test_only_what_has_not_ended_is_given_to_the_next_player():
    before = show(clip("a", end="eof"), clip("b", position=3.0), clip("c"))
    assert [(entry.id, entry.position) for entry in shows.entries(before)] == [("1", 3.0), ("2", 0.0)]


def test_a_still_goes_on_for_the_seconds_that_are_left():
    before = show(clip("a", kind="still", carried=4.0, position=0.0))
    entry = shows.entries(before)[0]
    assert (entry.kind, entry.seconds, entry.position) == ("still", 6.0, 0.0)


def test_stills_and_other_items_do_not_count():
    mixed = show(clip("a", carried=9.0), clip("b", carried=5.0, counting=False))
    assert (mixed.shown, mixed.counting) == (14.0, 9.0)


def test_a_clip_that_has_ended_is_told_once():
    before = show()
    after = shows.absorb(before, state(EntryState(id="0", shown=9.9, end="eof")))
    assert [ended.content for ended in shows.newly_ended(before, after)] == ["a" * 64]
    assert shows.newly_ended(after, shows.absorb(after, state(EntryState(id="0", shown=9.9, end="eof")))) == []


def test_a_session_cut_short_tells_the_clips_that_were_begun_and_no_others():
    after = shows.cut_short(show(clip("a", end="eof", carried=9.0), clip("b", carried=2.0), clip("c")))
    assert [c.end for c in after.clips] == ["eof", "rest", None]


def test_giving_a_clip_up_says_why():
    after = shows.given_up(show(clip("a", end="eof"), clip("b")), "the picture stood still")
    assert (after.clips[1].end, after.clips[1].error) == ("error", "the picture stood still")
    assert shows.given_up(show(clip("a", end="eof")), "x").clips[0].end == "eof"


def test_the_next_part_takes_up_the_film_where_the_power_failed():
    """After a power cut in the second film the session goes on there, as part two, and counts from nothing."""
    part = shows.next_part(show(clip("a", end="eof", carried=10.0), clip("b", carried=4.0, position=4.0, end="rest")))
    assert part is not None
    assert (part.part, part.shown, part.clips[0].began_at) == (2, 0.0, 4.0)
    rest = shows.absorb(part, state(EntryState(id="0", shown=5.9, position=10.0, end="eof")))
    assert rest.clips[0].completed


def test_there_is_no_next_part_of_a_session_that_was_shown_whole():
    assert shows.next_part(show(clip("a", end="eof"))) is None


def test_a_still_that_was_interrupted_goes_on_with_what_is_left():
    part = shows.next_part(show(clip("a", kind="still", carried=4.0)))
    assert part is not None
    assert shows.entries(part)[0].seconds == 6.0


def test_the_end_record_dates_the_session_from_its_beginning():
    fields = telling.ended_fields(show(began=moment(0), tv=Tv.ON, planned=moment(0).at), "completed")
    assert (fields["began"], fields["tv"], fields["session"]) == (moment(0).at, Tv.ON, SESSION)
    planned = telling.ended_fields(show(planned=moment(0).at + timedelta(1)), "missing")
    assert planned["began"] == moment(0).at + timedelta(1)


@pytest.mark.parametrize(
    ("languages", "audio", "spoken"),
    [(("ug-Arab", "zh-Hans"), 1, "zh-Hans"), (("en",), 2, "en"), (("kk-Arab",), None, None)],
)
def test_the_station_hears_the_first_language_of_its_list_that_there_is(languages, audio, spoken):
    item = Item(
        id="a" * 64,
        size=1,
        kind="video",
        titles={"zh-Hans": "洗手", "en": "Washing hands"},
        seconds=10.0,
        topic=Topic.HEALTH,
        counts=True,
        tracks=(
            Track(kind="audio", number=1, language="zh-Hans"),
            Track(kind="audio", number=2, language="en"),
            Track(kind="subtitles", number=3, language="ug-Arab"),
        ),
    )
    chosen = shows.clip_of(item, "/cache/a", languages, ("ug-Arab",))
    assert (chosen.audio, chosen.language) == (audio, spoken)
    assert (chosen.subtitles, chosen.subtitle_language) == (3, "ug-Arab")
    assert chosen.counting
    assert shows.clip_of(item, "/cache/a", languages, ()).subtitles == 0
