"""Hostile sticks by what was true once: old libraries, old profiles, and mixtures of old and new."""

from __future__ import annotations

import shutil
from datetime import timedelta

from tuf.api.metadata import MetaFile

from estation_box.library import said
from estation_wire import stick as layout
from tests.library.hostile.scene import METADATA, SNAPSHOT, TIMESTAMP, Attack, Scene
from tests.support.library import NOW


def a_replayed_older_library(scene: Scene) -> None:
    """Tries last month's library, whole and well signed, on a box that has this month's."""
    older = scene.stick.with_name("older")
    shutil.copytree(scene.root / "library", older)
    scene.newer()
    good = scene.stick.with_name("newest")
    shutil.copytree(scene.stick, good)
    shutil.rmtree(scene.root / "library")
    older.rename(scene.root / "library")


def a_new_catalogue_with_an_old_programme(scene: Scene) -> None:
    """Tries a mixture: the newest metadata, and the programme of the library before under the new one's name."""
    old = scene.document("programme.json").read_bytes()
    programme = scene.documents()["programme.json"].replace(b"weekly", b"weekli")
    scene.publish(programme=programme)
    for path in scene.at(layout.TARGETS).glob("*.programme.json"):
        path.write_bytes(old)


def an_old_snapshot_under_a_new_number(scene: Scene) -> None:
    """Tries the old snapshot where the newest timestamp wants the new one."""
    old = scene.at(SNAPSHOT).read_bytes()
    scene.newer()
    scene.at(f"{METADATA}/2.snapshot.json").write_bytes(old)


def an_old_timestamp_with_a_new_library(scene: Scene) -> None:
    """Tries to freeze the box: the old timestamp beside the newest library. The old library is not there any more."""
    old = scene.at(TIMESTAMP).read_bytes()
    scene.newer()
    scene.at(TIMESTAMP).write_bytes(old)
    scene.at(SNAPSHOT).unlink(missing_ok=True)


def a_snapshot_that_forgets_a_document(scene: Scene) -> None:
    """Tries, with the online keys alone, to number the publisher's targets as somebody likes."""
    scene.resigned("1.snapshot.json", "snapshot", lambda each: each.signed.meta.update({"targets.json": MetaFile(9)}))


def everything_has_expired(scene: Scene) -> None:
    """Tries a stick from a drawer, three years later, on a box that knows what year it is."""
    assert scene.profile.is_file()


HISTORY = (
    Attack(a_replayed_older_library, said.OLDER, before=True),
    Attack(a_new_catalogue_with_an_old_programme, said.HALF_COPIED, takes=False),
    Attack(an_old_snapshot_under_a_new_number, said.OLDER, takes=False),
    Attack(an_old_timestamp_with_a_new_library, said.HALF_COPIED, takes=False),
    Attack(a_snapshot_that_forgets_a_document, said.HALF_COPIED, takes=False),
    Attack(everything_has_expired, said.EXPIRED, takes=False, floor=NOW + timedelta(days=3 * 365)),
)
