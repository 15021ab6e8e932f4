"""Seconds shown are counted from the picture, never from the clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_box.playout import accounting
from estation_box.playout.accounting import advance, begin, finish, still_for


def video(fps=25.0, position=0.0):
    return begin("video", fps, 100.0, position, 0)


def played(meter, *samples):
    for at, position, dropped in samples:
        meter = advance(meter, at, position, dropped)
    return meter


def test_a_sound_clip_counts_every_second():
    """Ten seconds of film are ten seconds."""
    meter = played(video(), *((100 + n / 5, n / 5, 0) for n in range(1, 51)))
    assert meter.shown == pytest.approx(10.0)


def test_a_frozen_picture_counts_nothing():
    """While the picture stands still nobody sees anything, however long the sound goes on."""
    meter = played(video(), (101, 1.0, 0), (105, 1.0, 0))
    assert meter.shown == pytest.approx(1.0)


def test_catching_up_is_not_seeing():
    """A picture that jumps six seconds in one is credited with one."""
    assert played(video(), (101, 6.0, 0)).shown == pytest.approx(1.05)


def test_dropped_frames_are_taken_off():
    """Frames that never reached the screen do not count."""
    assert played(video(), (101, 1.0, 10)).shown == pytest.approx(0.6)


def test_a_counter_that_starts_again_takes_nothing_off():
    """The count of dropped frames may begin anew with a file."""
    meter = accounting.begin("video", 25.0, 100.0, 0.0, 500)
    assert advance(meter, 101.0, 1.0, 2).shown == pytest.approx(1.0)


def test_no_picture_counts_nothing():
    """Without a picture the time passes uncounted."""
    assert played(video(), (101, None, 0), (102, 0.5, 0)).shown == pytest.approx(0.5)


def test_a_picture_that_stands_has_time_of_its_own():
    """A still counts by the clock while the player answers, at most a second between two answers."""
    meter = begin("still", None, 100.0, 0.0, 0)
    meter = played(meter, (100.2, 0.0, 0), (100.4, 0.0, 0))
    assert meter.shown == pytest.approx(0.4)
    assert advance(meter, 110.4, 0.0, 0).shown == pytest.approx(1.4)
    assert advance(meter, 110.4, None, 0).shown == pytest.approx(0.4)


def test_the_end_adds_what_the_last_sample_missed():
    """The last fifth of a second counts, but never past the file's own end."""
    meter = played(video(), (100.2, 0.2, 0))
    assert finish(meter, 100.35, 60.0).shown == pytest.approx(0.35)
    assert finish(meter, 100.35, 0.3).shown == pytest.approx(0.3)
    assert finish(meter, 130.0, None).shown == pytest.approx(0.2 + accounting.TAIL_GAP)


def test_the_end_of_a_frozen_clip_adds_nothing():
    """A file that ends while the picture stands was not seen to its end."""
    meter = played(video(), (100.2, 0.2, 0), (101.0, 0.2, 0))
    assert finish(meter, 101.1, 60.0).shown == pytest.approx(0.2)


@pytest.mark.parametrize(("fps", "after"), [(25.0, 1.0), (5.0, 2.0), (30.0, 1.0)])
def test_a_stall_is_noticed_after_a_second_or_ten_frames(fps, after):
    """A slow film is not taken for a frozen one."""
    meter = played(video(fps), (100.2, 0.2, 0))
    assert still_for(meter, 100.2 + after - 0.01) == 0
    assert still_for(meter, 100.2 + after + 0.01) == pytest.approx(after + 0.01)


@given(st.lists(st.tuples(st.floats(0.01, 2), st.floats(-5, 5) | st.none(), st.integers(0, 50)), max_size=40))
def test_never_more_than_the_wall(samples):
    """Whatever a sick player tells, no more is counted than time has passed, with a twentieth of grace."""
    meter, at, position, dropped = video(), 100.0, 0.0, 0
    for wall, step, lost in samples:
        at, dropped = at + wall, dropped + lost
        position = position + step if step is not None else position
        before = meter.shown
        meter = advance(meter, at, position if step is not None else None, dropped)
        assert before <= meter.shown + 1e-9
    assert meter.shown <= accounting.FASTEST * (at - 100.0) + 1e-6
