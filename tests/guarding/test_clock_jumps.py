from __future__ import annotations

import random
from datetime import timedelta

from estation_wire.records import Boot, Fault, SessionEnded
from tests.support.box import SimulatedBox, TableShelf, item, slot_of

FILMS = [item(name, 40.0) for name in "abc"]


def test_a_clock_that_jumps_resets_nothing_and_the_film_goes_on(tmp_path):
    """Somebody sets the clock in the middle of a film, forwards or back by days: nobody takes that for a fault."""
    chance = random.Random(8)
    for turn in range(3):
        folder = tmp_path / str(turn)
        folder.mkdir()
        box = SimulatedBox(folder, TableShelf(FILMS, [slot_of(FILMS, 60)]))
        box.world.knows = True
        box.run(75)
        assert box.playout.on_screen
        session = box.playout.show.session
        for _ in range(3):
            box.world.wrong_by = timedelta(seconds=chance.uniform(-3e6, 3e6))
            box.run(chance.uniform(2, 8))
            assert box.core.healthy(box.clock.moment())
            assert box.playout.on_screen
            assert box.playout.show.session == session
        records = box.journal.recent()
        assert len([record for record in records if isinstance(record, Boot)]) == 1
        assert not [record for record in records if isinstance(record, Fault | SessionEnded)]
