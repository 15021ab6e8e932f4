"""A box that was made bare begins another life: nothing of the station before is told under the next one's name."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from estation_box.apps.core import Box
from estation_box.drivers import identity
from estation_box.drivers.profile_store import ProfileStore
from estation_box.playout.engine import Layer
from estation_box.playout.player_words import Phase
from estation_box.settings import Folders, Settings, Stick
from estation_wire.records import Boot, Fault
from tests.support.box import SimulatedBox, TableShelf, item, slot_of
from tests.support.library import make_profile

FILMS = tuple(item(name) for name in "abc")


def parts_of(folders: Folders, stack: ExitStack):
    return Box(folders, Settings(stick=Stick(folder="no-slot")), stack).parts


def test_the_next_life_has_a_journal_of_its_own(tmp_path: Path):
    """The records of the station that was given up are kept aside, and never reported as another station's."""
    folders = Folders(state=tmp_path / "state", runtime=tmp_path / "run", configuration=tmp_path / "etc")
    for folder in (folders.state, folders.runtime, folders.configuration):
        folder.mkdir()
    with ExitStack() as stack:
        parts = parts_of(folders, stack)
        parts.journal.append(parts.clock.moment(), Fault, what="disk", detail="of the old life")
        before = parts.journal.state()
        parts.journal.close()
    with ExitStack() as stack:
        parts = parts_of(folders, stack)
        assert parts.journal.state() == before
        parts.journal.close()
    ProfileStore(folders.state, identity.serial()).forget(make_profile("PEM"))
    with ExitStack() as stack:
        parts = parts_of(folders, stack)
        after = parts.journal.state()
        parts.journal.close()
    assert before is not None
    assert after is not None
    assert after.journal != before.journal
    assert (after.last, before.last) == (0, 1)
    assert (folders.state / "journal.db.set-aside").exists()


def test_a_session_of_the_life_before_is_not_gone_on_with(tmp_path: Path):
    """Retired in the middle of a film: people see its end; after it there is the welcome, and nothing is counted."""
    box = SimulatedBox(tmp_path, TableShelf(FILMS, [slot_of(FILMS, 120, series="world")]))
    box.run(130)
    assert box.player.state(box.world.up()).phase is Phase.PLAYING
    box.core.close(box.clock.moment())
    box.profile, box.serial = None, "serial 1"
    box.start_core()
    box.run(600)
    assert box.player.state(box.world.up()).phase is Phase.ENDED
    assert "请插入 U 盘" in box.player.engine.layers[Layer.COVER] or "按一下" in box.player.engine.layers[Layer.COVER]
    assert box.journal.unfinished() is None
    assert [type(record) for record in box.journal.recent()] == [Boot]
