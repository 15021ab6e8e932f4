"""Keys that change, thresholds that rise, thieves with old keys, and clocks from 1970 to 2040."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Timestamp
from tuf.api.serialization.json import JSONSerializer

from estation_box.drivers.two_copies import TwoCopies
from estation_box.library import said
from estation_box.library.trust import read_mark
from estation_wire.library import PROGRAMME_NAME
from studio.delegation import delegate, publish_as
from studio.errors import StudioError
from studio.keyring import Keyring
from studio.repository import SNAPSHOT_LIFE, TARGETS_LIFE, TIMESTAMP_LIFE, Repository
from studio.rotation import rotate
from tests.support.library import NOW, Made, make_stick
from tests.support.sync_box import Box
from tests.support.trusting import COUNTY, again, copied, programme_of, refreshed, rules

METADATA = "ESTATION/library/metadata"


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None)


@pytest.fixture
def made(publisher: Made, tmp_path: Path) -> Made:
    return copied(publisher, tmp_path / "made")


@pytest.fixture
def box(publisher: Made, tmp_path: Path) -> Box:
    return Box(tmp_path / "box", publisher.root)


def mark(box: Box):
    return read_mark(TwoCopies(box.state / "tuf-mark").read())


def republished(made: Made, word: bytes) -> Path:
    """The stick with another rule of the publisher's."""
    repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
    documents = {name: repository.document(name) for name in repository.targets("targets").targets}
    was = documents[PROGRAMME_NAME]
    documents[PROGRAMME_NAME] = was.replace(was.split(b'"id":"')[1].split(b'"')[0], word, 1)
    repository.publish(documents, NOW)
    return again(made)


def test_twelve_changes_of_keys_in_a_row(made: Made, box: Box):
    """A box that lay in a store through twelve changes of the root keys follows with one stick."""
    for _ in range(12):
        rotate(made.studio, "root", now=NOW)
    assert refreshed(box, again(made)) is True
    assert mark(box).versions.root == 13
    (made.stick / METADATA / "7.root.json").unlink()
    assert refreshed(box, made.stick) is False
    fresh = Box(box.state.parent / "fresh", made.root)
    assert refreshed(fresh, made.stick) == said.ROOTS_MISSING


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp"])
def test_any_role_may_change_its_keys(made: Made, box: Box, role: str):
    """After a change of any role's keys the box takes what the new keys signed, and no stick from before."""
    assert refreshed(box, made.stick) is True
    older = made.stick.with_name("older")
    shutil.copytree(made.stick, older)
    rotate(made.studio, role, now=NOW, count=2, threshold=2)
    assert refreshed(box, again(made)) is False
    assert mark(box).versions.root == 2
    assert refreshed(box, republished(made, b"monthly")) is True
    assert rules(box) == {"monthly"}
    assert refreshed(box, older) in {said.OLDER, said.UNSIGNED}


def test_a_raised_threshold_asks_for_both_keys(made: Made):
    """Once two must sign, one key alone publishes nothing, and the old key nothing at all."""
    old = (made.studio / "keys/targets-1.pem").read_bytes()
    rotate(made.studio, "targets", now=NOW, count=2, threshold=2)
    assert (made.studio / "keys/retired/targets-1.pem").read_bytes() == old
    (made.studio / "keys/targets-3.pem").unlink()
    (made.studio / "keys/targets-1.pem").write_bytes(old)
    with pytest.raises(StudioError, match="do not suffice for targets"):
        republished(made, b"monthly")


def test_a_rotation_without_the_root_keys_is_refused(made: Made):
    """Without the root keys from the safe nobody changes a key."""
    (made.studio / "keys/root-1.pem").unlink()
    with pytest.raises(StudioError, match="there is no key root"):
        rotate(made.studio, "timestamp", now=NOW)
    with pytest.raises(StudioError, match="nor a delegate"):
        rotate(made.studio, COUNTY, now=NOW)


def test_a_county_changes_its_key(made: Made, box: Box):
    """After a county's key was stolen and changed, what the thief signs is refused and what the county signs taken."""
    delegate(made.studio, COUNTY, now=NOW)
    publish_as(made.studio, COUNTY, {PROGRAMME_NAME: programme_of(made, "market-day")}, now=NOW)
    thief = Keyring(made.studio / "keys").signers(COUNTY)[0]
    assert refreshed(box, again(made)) is True
    rotate(made.studio, COUNTY, now=NOW)
    publish_as(made.studio, COUNTY, {PROGRAMME_NAME: programme_of(made, "fair")}, now=NOW)
    assert refreshed(box, again(made)) is True
    assert rules(box) == {"weekly", f"{COUNTY}:fair"}
    path = max((made.stick / METADATA).glob(f"*.{COUNTY}.json"))
    forged = Metadata.from_bytes(path.read_bytes())
    forged.sign(thief)
    path.write_bytes(forged.to_bytes(JSONSerializer(compact=True)))
    fresh = Box(box.state.parent / "fresh", made.root)
    assert refreshed(fresh, made.stick) == said.UNSIGNED


def forge(made: Made, signer: CryptoSigner, *, timestamp: int, snapshot: int) -> Path:
    """A stick whose online keys a thief has: the newest targets, numbers of the thief's choice."""
    stick = made.stick.with_name("forged")
    shutil.copytree(made.stick, stick)
    folder = stick / METADATA
    repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
    meta = {"targets.json": MetaFile(repository.targets("targets").version)}
    inner = Metadata(Snapshot(version=snapshot, expires=NOW + SNAPSHOT_LIFE, meta=meta))
    outer = Metadata(Timestamp(version=timestamp, expires=NOW + TIMESTAMP_LIFE, snapshot_meta=MetaFile(snapshot)))
    for metadata, role, name in ((inner, "snapshot", f"{snapshot}.snapshot"), (outer, "timestamp", "timestamp")):
        metadata.sign(Keyring(made.studio / "keys").signers(role)[0] if signer is None else signer)
        metadata.to_file(str(folder / f"{name}.json"), JSONSerializer(compact=True))
    return stick


def test_a_thief_of_the_online_keys_locks_no_box_for_ever(made: Made, box: Box):
    """A thief who numbers the library 2000000000 is undone by new online keys, whose numbers begin anew."""
    assert refreshed(box, made.stick) is True
    assert refreshed(box, forge(made, None, timestamp=2_000_000_000, snapshot=2_000_000_000)) is False
    assert mark(box).versions.timestamp == 2_000_000_000
    assert refreshed(box, republished(made, b"monthly")) == said.OLDER
    rotate(made.studio, "snapshot", now=NOW)
    rotate(made.studio, "timestamp", now=NOW)
    assert refreshed(box, again(made)) is True
    assert rules(box) == {"monthly"}
    assert mark(box).versions.timestamp < 100
    assert refreshed(box, made.stick.with_name("forged")) in {said.OLDER, said.UNSIGNED}
    assert rules(box) == {"monthly"}


@pytest.mark.parametrize("part", ["snapshot", "targets"])
def test_a_rollback_of_one_part_is_refused(made: Made, box: Box, part: str):
    """A newer timestamp over an older snapshot, or a newer snapshot over older targets, is a rollback."""
    old = made.stick.with_name("old")
    shutil.copytree(made.stick, old)
    assert refreshed(box, republished(made, b"monthly")) is True
    keys = Keyring(made.studio / "keys")
    meta = {"targets.json": MetaFile(1)}
    number = 1 if part == "snapshot" else 3
    inner = Metadata(Snapshot(version=number, expires=NOW + SNAPSHOT_LIFE, meta=meta))
    outer = Metadata(Timestamp(version=9, expires=NOW + TIMESTAMP_LIFE, snapshot_meta=MetaFile(number)))
    for metadata, role, name in ((inner, "snapshot", f"{number}.snapshot"), (outer, "timestamp", "timestamp")):
        metadata.sign(keys.signers(role)[0])
        metadata.to_file(str(old / METADATA / f"{name}.json"), JSONSerializer(compact=True))
    assert refreshed(box, old) == said.OLDER
    shutil.rmtree(box.state / "tuf")
    assert refreshed(box, old) == said.OLDER
    assert rules(box) == {"monthly"}


@pytest.mark.parametrize("year", [1970, 2020, 2026, 2036, 2040])
@pytest.mark.parametrize("source", ["fresh", "old"])
def test_clocks_from_1970_to_2040(made: Made, box: Box, year: int, source: str):
    """What is certainly expired is refused; a clock that is behind never refuses a good stick."""
    now = datetime(year, 11, 24, tzinfo=UTC)
    if source == "fresh" and now > NOW:
        repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
        if now > repository.root().expires:
            rotate(made.studio, "root", now=now)
        repository.renew(now)
        again(made)
    late = source == "old" and year > 2027
    assert refreshed(box, made.stick, floor=now) == (said.EXPIRED if late else True)


def test_a_stick_is_good_for_twelve_months(made: Made, box: Box, publisher: Made, tmp_path: Path):
    """A stick that waited 364 days in a drawer still brings its library; after 366 it brings nothing new."""
    assert refreshed(box, made.stick, floor=NOW + timedelta(days=364)) is True
    late = Box(tmp_path / "late", publisher.root)
    assert refreshed(late, made.stick, floor=NOW + timedelta(days=366)) == said.EXPIRED
    assert TIMESTAMP_LIFE == timedelta(days=365) < TARGETS_LIFE


def test_expiry_takes_nothing_away(made: Made, box: Box):
    """What the box has stays, whatever expired since."""
    assert refreshed(box, made.stick) is True
    assert refreshed(box, made.stick, floor=NOW + timedelta(days=800)) == said.EXPIRED
    assert rules(box) == {"weekly"}
