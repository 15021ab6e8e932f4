"""Rollback, expiry, gaps in the chain of roots, wrong clocks."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization.json import JSONSerializer

from estation_box.drivers.two_copies import TwoCopies
from estation_box.library import said
from estation_box.library.trust import Mark, is_older, read_mark
from estation_box.library.trust_interfaces import Versions
from studio.keyring import Keyring
from studio.publishing import publish
from studio.repository import ROOT_LIFE
from studio.stick import write_stick
from tests.support.library import NOW, Made, wall, write_source
from tests.support.sync_box import Box

METADATA = "ESTATION/library/metadata"
SOON = wall(NOW + timedelta(minutes=30))


def newer(made: Made, *, title: str = "Other", now: datetime = NOW) -> Path:
    """Publish something new; the older stick."""
    older = made.stick.with_name("older")
    shutil.copytree(made.stick, older)
    write_source(made.source, videos=4, start=SOON, title=title)
    publish(made.studio, made.source, now=now)
    write_stick(made.studio, made.stick)
    return older


def test_an_older_stick_is_refused(made: Made, box: Box):
    """A stick from the drawer does not bring back last month's library."""
    older = newer(made)
    assert box.visit(made.stick).catalogue == 2
    synced = box.visit(older)
    assert synced.reasons == (said.OLDER.zh,)
    assert synced.catalogue == 2


@pytest.mark.parametrize("harm", ["timestamp zeroed", "all zeroed", "folder gone", "snapshot gone"])
def test_an_older_stick_is_refused_after_a_power_cut_in_the_metadata(made: Made, box: Box, harm: str):
    """Whatever a power cut did to the metadata, an older library stays refused and the newest accepted."""
    older = newer(made)
    box.visit(made.stick)
    kept = box.state / "tuf"
    if harm == "folder gone":
        shutil.rmtree(kept)
    elif harm == "snapshot gone":
        (kept / "snapshot.json").unlink()
        (kept / "timestamp.json").write_bytes(b"")
    else:
        for path in kept.rglob("timestamp.json" if harm == "timestamp zeroed" else "*.json"):
            path.write_bytes(b"")
    synced = box.visit(older)
    assert synced.reasons == (said.OLDER.zh,)
    assert synced.catalogue == 2
    assert box.visit(made.stick).reasons == ()


def test_a_torn_mark_still_leaves_the_metadata(made: Made, box: Box):
    """Where one of the two copies of the mark is torn, the other and the metadata stand guard."""
    older = newer(made)
    box.visit(made.stick)
    raw = bytearray((box.state / "tuf-mark").read_bytes())
    raw[:4096] = bytes(4096)
    (box.state / "tuf-mark").write_bytes(raw)
    assert box.visit(older).reasons == (said.OLDER.zh,)


def rotate_root(made: Made) -> None:
    """The publisher's second root, signed by the first."""
    folder = made.studio / "repository/metadata"
    root = Metadata[Root].from_file(str(folder / "1.root.json"))
    root.signed.version = 2
    root.signed.expires = NOW + ROOT_LIFE
    root.signatures.clear()
    for signer in Keyring(made.studio / "keys").signers("root"):
        root.sign(signer, append=True)
    root.to_file(str(folder / "2.root.json"), JSONSerializer(compact=True))


def test_a_gap_in_the_chain_of_roots_is_found_out(made: Made, box: Box):
    """A stick that lacks a change of keys is refused in plain words, not silently taken as the newest."""
    rotate_root(made)
    newer(made)
    second = made.stick / METADATA / "2.root.json"
    data = second.read_bytes()
    second.unlink()
    assert said.ROOTS_MISSING.zh in box.visit(made.stick).reasons
    assert box.profile is None
    second.write_bytes(data)
    synced = box.visit(made.stick)
    assert (synced.reasons, synced.catalogue, synced.provisioned) == ((), 2, True)


def test_an_expired_stick_brings_nothing_new(made: Made, box: Box):
    """Once it is certainly later than a year after its making, a stick's library is refused; what is there plays on."""
    box.visit(made.stick)
    late = NOW + timedelta(days=366)
    newer(made)
    synced = box.visit(made.stick, floor=late)
    assert synced.reasons == (said.EXPIRED.zh,)
    assert (synced.catalogue, len(box.held())) == (1, 4)


@pytest.mark.parametrize("year", [1970, 2040])
def test_a_wrong_clock_does_not_stop_the_stick(made: Made, box: Box, year: int):
    """A box that wakes in 1970, or believes to be in 2040, takes a fresh stick."""
    synced = box.visit(made.stick, now=datetime(year, 1, 1, tzinfo=UTC))
    assert (synced.refused, synced.provisioned, len(box.held())) == (0, True, 4)


def test_the_plan_never_begins_before_the_signed_time(made: Made, box: Box):
    """In 1970 the plan is made from the time that the signed programme proves."""
    box.visit(made.stick, now=datetime(1970, 1, 1, tzinfo=UTC))
    assert read_mark(TwoCopies(box.state / "tuf-mark").read()).signed == NOW
    assert box.daily(datetime(1970, 1, 2, tzinfo=UTC)).changed is False


def test_a_mark_below_any_part_is_older():
    """One part that is lower is enough to call it a rollback."""
    mark = Versions(root=2, timestamp=5, snapshot=4, targets=3)
    assert not is_older(mark, mark)
    for part in ("root", "timestamp", "snapshot", "targets"):
        versions = {name: getattr(mark, name) + 10 for name in mark.__struct_fields__}
        assert is_older(Versions(**{**versions, part: getattr(mark, part) - 1}), mark)


def test_an_illegible_mark_is_an_empty_one():
    """A mark that cannot be read does not lock the box for ever."""
    assert read_mark(None) == read_mark(b"\xff") == read_mark(b"[]") == Mark()
