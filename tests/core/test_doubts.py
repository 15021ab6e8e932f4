"""A film that breaks off on the screen is read again from the card, and no other is."""

from __future__ import annotations

import pytest

from tests.support.box import SimulatedBox, TableShelf, item, slot_of

FILMS = tuple(item(name) for name in "abc")
BAD = FILMS[1].id


def played(box: SimulatedBox) -> None:
    """Somebody presses the button and looks to the end."""
    assert box.core.press("short", box.clock.moment()) is not None
    box.run(5)
    while box.playout.on_screen:
        box.run(5)
    box.run(5)


@pytest.mark.parametrize("how", ["broken", "cut"])
def test_a_film_that_broke_off_is_looked_at_once_when_the_screen_is_at_rest(tmp_path, how):
    """One film of the session cannot be read, or ends long before its end: it is asked for once, after the session."""
    box = SimulatedBox(tmp_path, TableShelf(FILMS, [slot_of(FILMS, 60)]))
    path = str(box.shelf.held(BAD))
    if how == "broken":
        box.player.broken[path] = "the file cannot be read"
    else:
        box.player.cut[path] = 3.0
    box.run(75)
    assert box.playout.on_screen
    assert box.checked == []
    box.run(300)
    assert not box.playout.on_screen
    assert box.checked == [(BAD,)]
    played(box)
    assert box.checked == [(BAD,)], "each once in a life of core"


def test_a_session_that_is_shown_well_or_stopped_casts_no_doubt(tmp_path):
    """Whoever stops a film has not found it rotten."""
    box = SimulatedBox(tmp_path, TableShelf(FILMS, [slot_of(FILMS, 60)]))
    box.run(65)
    box.core.press("long", box.clock.moment())
    box.run(300)
    assert not box.playout.on_screen
    assert box.checked == []
