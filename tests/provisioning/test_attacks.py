"""Sticks that were made to name a box wrongly: refused in plain words, and the box stays what it was."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from estation_box.library import said
from estation_wire import stick as layout
from estation_wire.profile import decode_envelope, encode_envelope
from studio import profiles
from studio.publishing import init
from tests.provisioning.hall import NamedBox
from tests.support.library import NOW, Made, make_authority, make_profile
from tests.support.sync_box import Box

STATION = "hall-0007"


def put(made: Made, **changes: object) -> bytes:
    """A profile of the association's, on the stick; its envelope."""
    profile = make_profile(made.authority.pem, **changes)
    envelope = profiles.sign(made.studio, profile)
    (made.stick / layout.profile(profile.station)).write_bytes(envelope)
    return envelope


def unsigned(made: Made, _: Path) -> bytes:
    payload, _signatures = decode_envelope((made.stick / layout.profile(STATION)).read_bytes())
    return encode_envelope(payload, (("x", bytes(64)),))


def changed_after_signing(made: Made, _: Path) -> bytes:
    payload, signatures = decode_envelope((made.stick / layout.profile(STATION)).read_bytes())
    return encode_envelope(payload.replace(b'"epoch":1', b'"epoch":9'), signatures)


def of_another_association(made: Made, folder: Path) -> bytes:
    init(folder / "stranger", now=NOW)
    return profiles.sign(folder / "stranger", make_profile(made.authority.pem, epoch=9))


def of_another_station(made: Made, _: Path) -> bytes:
    return put(made, station="hall-0099", epoch=9)


def expired(made: Made, _: Path) -> bytes:
    return put(made, epoch=9, not_after=NOW - timedelta(days=1))


def older(made: Made, _: Path) -> bytes:
    return put(made, epoch=0)


def of_a_folder_for_a_zone(made: Made, _: Path) -> bytes:
    return put(made, epoch=9, timezone="Asia")


REFUSALS = {
    unsigned: said.PROFILE_UNSIGNED,
    changed_after_signing: said.PROFILE_UNSIGNED,
    of_another_association: said.PROFILE_UNSIGNED,
    of_another_station: said.PROFILE_MISNAMED,
    expired: said.PROFILE_EXPIRED,
    of_a_folder_for_a_zone: said.PROFILE_BROKEN,
}


@pytest.mark.parametrize("forge", REFUSALS, ids=lambda forge: forge.__name__)
@pytest.mark.parametrize("named", [False, True], ids=["bare", "named"])
def test_a_profile_that_is_not_for_this_box_changes_nothing(
    made: Made, box: Box, tmp_path: Path, forge, *, named: bool
):
    """Forged, stolen, of somebody else or too late: told in words; a bare box stays bare, a station what it is."""
    genuine = shutil.copytree(made.stick, tmp_path / "genuine")
    if named:
        box.visit(shutil.copytree(made.stick, tmp_path / "first"))
    before = box.profile
    envelope = forge(made, tmp_path)
    for path in (made.stick / layout.PROFILES).iterdir():
        path.unlink()
    (made.stick / layout.profile(STATION)).write_bytes(envelope)
    synced = box.visit(made.stick)
    if forge is not unsigned or not named:  # where it says nothing new a station need not care who says it
        assert REFUSALS[forge].about(station=STATION).zh in synced.reasons
    assert box.profile == before
    box.visit(genuine)
    assert box.profile.station == STATION


def test_an_older_profile_does_not_come_back(made: Made, box: Box, tmp_path: Path):
    """A stick from before the correction is told to be older."""
    box.visit(shutil.copytree(made.stick, tmp_path / "first"))
    older(made, tmp_path)
    assert box.visit(made.stick).reasons == (said.PROFILE_OLDER.about(station=STATION).zh,)
    assert box.profile.epoch == 1


@pytest.mark.parametrize("zone", ["Asia", "Mars/Olympus", "posixrules"])
def test_a_used_profile_with_a_zone_that_is_none_does_not_stop_the_others(made: Made, tmp_path: Path, zone: str):
    """People can still choose among the good rooms, whatever a receipt and a profile beside them say."""
    box = NamedBox(tmp_path / "box", made.root)
    for room in ("room-01", "room-02"):
        put(made, station=room)
    put(made, station="room-03", timezone=zone)
    folder = made.stick / layout.returned("room-03")
    folder.mkdir(parents=True)
    receipt = {"v": 1, "station": "room-03", "at": "2026-11-23T10:42:00Z", "epoch": 1}
    (folder / layout.RECEIPT).write_bytes(msgspec.json.encode(receipt))
    box.visit(made.stick)
    assert box.profile is None
    assert {"room-01", "room-02"} <= {each.station for each in box.desk.told().candidates}


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59"])
def test_receipts_of_no_time_do_not_stop_the_choice(made: Made, tmp_path: Path, at: str):
    """A receipt that a stranger dated at the end of all time claims nothing and breaks nothing."""
    box = NamedBox(tmp_path / "box", made.root)
    for room in ("room-01", "room-02", "room-03"):
        put(made, station=room)
    folder = made.stick / layout.returned("room-03")
    folder.mkdir(parents=True)
    receipt = {"v": 1, "station": "room-03", "at": at, "epoch": 1}
    (folder / layout.RECEIPT).write_bytes(msgspec.json.encode(receipt))
    box.visit(made.stick)
    assert {"room-01", "room-02"} <= {each.station for each in box.desk.told().candidates}


def test_a_certificate_of_a_stranger_after_a_good_one_is_not_taken(made: Made, box: Box):
    """What the centre signed stays; a certificate of another authority for the same name is told and left."""
    box.visit(made.stick)
    request = (made.stick / layout.returned(STATION) / layout.REQUEST).read_bytes()
    path = made.stick / layout.certificate(STATION)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(made.authority.certify(request))
    assert box.visit(made.stick).certified
    good = (box.state / "certificate.pem").read_bytes()
    path.write_bytes(make_authority().certify(request))
    assert box.visit(made.stick).reasons == (said.CERTIFICATE_OTHER.zh,)
    assert (box.state / "certificate.pem").read_bytes() == good
