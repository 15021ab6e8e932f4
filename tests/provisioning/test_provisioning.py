"""A stick gives the box its name and its certificate; the box gives the stick its request."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from estation_box.drivers.keys import BoxKeys
from estation_box.drivers.profile_store import stranger
from estation_box.library import said
from estation_box.words import Said
from estation_wire import stick as layout
from studio import profiles
from studio.publishing import init
from tests.support.library import NOW, Made, make_authority, make_profile
from tests.support.sync_box import Box, receipt_of
from tests.support.troubled_stick import TroubledStick

STATION = "hall-0007"


def put(made: Made, *, named: str = "", **changes: object) -> None:
    """Sign a profile and put it on the stick."""
    profile = make_profile(made.authority.pem, **changes)
    path = made.stick / layout.profile(named or profile.station)
    path.write_bytes(profiles.sign(made.studio, profile))


def request_on(stick: Path) -> bytes:
    return (stick / layout.returned(STATION) / layout.REQUEST).read_bytes()


def test_the_key_is_made_on_the_box_and_only_the_request_leaves_it(made: Made, box: Box):
    """The private key lies on the box, for nobody else to read; the stick gets a request for the station."""
    box.visit(made.stick)
    key = box.state / "key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    request = x509.load_pem_x509_csr(request_on(made.stick))
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == f"CN={STATION}"
    assert isinstance(request.public_key(), ec.EllipticCurvePublicKey)
    secret = key.read_bytes()
    assert all(secret not in path.read_bytes() for path in made.stick.rglob("*") if path.is_file())


def test_the_certificate_comes_with_the_next_stick(made: Made, box: Box):
    """The centre signs the request; the next stick brings the certificate, and no request is left any more."""
    box.visit(made.stick)
    certificate = made.stick / layout.certificate(STATION)
    certificate.parent.mkdir()
    certificate.write_bytes(made.authority.certify(request_on(made.stick)))
    (made.stick / layout.returned(STATION) / layout.REQUEST).unlink()
    synced = box.visit(made.stick)
    assert (synced.certified, synced.refused) == (True, 0)
    assert (box.state / "certificate.pem").read_bytes() == certificate.read_bytes()
    assert not (made.stick / layout.returned(STATION) / layout.REQUEST).exists()
    assert box.visit(made.stick).certified is False


@pytest.mark.parametrize("wrong", ["key", "station", "authority", "nonsense", "too large"])
def test_a_certificate_that_is_not_for_this_box_is_refused(made: Made, box: Box, tmp_path: Path, wrong: str):
    """A certificate for another key, another station or of another authority is not installed."""
    box.visit(made.stick)
    request = request_on(made.stick)
    if wrong == "key":
        request = BoxKeys(tmp_path / "other.pem").request(STATION)
    authority = make_authority() if wrong == "authority" else made.authority
    pem = authority.certify(request, name="hall-0008" if wrong == "station" else None)
    data = {"nonsense": b"nonsense", "too large": pem * 100}.get(wrong, pem)
    path = made.stick / layout.certificate(STATION)
    path.parent.mkdir()
    path.write_bytes(data)
    synced = box.visit(made.stick)
    assert (synced.certified, synced.refused) == (False, 1)
    assert not (box.state / "certificate.pem").exists()


def test_a_newer_profile_of_the_same_station_is_applied(made: Made, box: Box):
    """A corrected profile replaces the one before; the older one does not come back."""
    box.visit(made.stick)
    put(made, epoch=2, countdown_seconds=60)
    assert box.visit(made.stick).provisioned
    assert (box.profile.epoch, box.profile.countdown_seconds) == (2, 60)
    put(made, epoch=1)
    synced = box.visit(made.stick)
    assert synced.reasons == (said.PROFILE_OLDER.about(station=STATION).zh,)
    assert box.profile.epoch == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"not_after": NOW - timedelta(days=1)}, said.PROFILE_EXPIRED),
        ({"station": "hall-0008", "named": STATION}, said.PROFILE_MISNAMED),
        ({"timezone": "Mars/Olympus"}, said.PROFILE_BROKEN),
    ],
)
def test_a_profile_that_does_not_fit_leaves_the_box_bare(made: Made, box: Box, changes: dict, sentence: Said):
    """Expired, misnamed or broken: refused in plain words in the receipt, and the box can still be provisioned."""
    put(made, **changes)
    synced = box.visit(made.stick)
    assert synced.reasons == (sentence.about(station=STATION).zh,)
    assert box.profile is None
    assert sentence.about(station=STATION).en in [line.en for line in receipt_of(made.stick).lines]
    put(made)
    assert box.visit(made.stick).provisioned


def test_a_profile_signed_by_a_stranger_is_refused(made: Made, box: Box, tmp_path: Path):
    """Only the association's own key makes stations."""
    stranger = tmp_path / "stranger"
    init(stranger, now=NOW)
    envelope = profiles.sign(stranger, make_profile(made.authority.pem))
    (made.stick / layout.profile(STATION)).write_bytes(envelope)
    synced = box.visit(made.stick)
    assert synced.reasons == (said.PROFILE_UNSIGNED.about(station=STATION).zh,)
    assert box.profile is None


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\xfe", b"[" * 5000, b" " * 100_000])
def test_a_profile_that_is_none_is_refused(made: Made, box: Box, data: bytes):
    """An unreadable profile is said to be unreadable."""
    (made.stick / layout.profile(STATION)).write_bytes(data)
    assert box.visit(made.stick).reasons == (said.PROFILE_BROKEN.about(station=STATION).zh,)


def test_an_authority_that_is_none_is_refused(made: Made, box: Box):
    """A profile whose centre could never be reached is refused while the technician is still there."""
    (made.stick / layout.profile(STATION)).write_bytes(profiles.sign(made.studio, make_profile("no certificate")))
    assert box.visit(made.stick).reasons == (said.PROFILE_BROKEN.about(station=STATION).zh,)


def test_a_stick_for_another_station_still_brings_programmes(made: Made, box: Box):
    """Another hall's stick does not rename this one; its library is taken, and the receipt says both."""
    box.visit(made.stick)
    (made.stick / layout.profile(STATION)).rename(made.stick / layout.profile("hall-0008"))
    synced = box.visit(made.stick)
    assert synced.reasons == (said.PROFILE_OTHER.about(other="hall-0008", station=STATION).zh,)
    assert box.profile.station == STATION
    assert len(box.held()) == 4
    assert not receipt_of(made.stick).lines[1].ok


def test_a_bare_box_does_not_choose_among_several(made: Made, box: Box):
    """With two unused profiles on the stick the box stays bare and says what to do; films come with the profile."""
    put(made, station="hall-0008")
    synced = box.visit(made.stick)
    assert synced.reasons == (said.PROFILE_SEVERAL.about(count=2).zh,)
    assert (box.profile, len(box.held())) == (None, 0)
    assert not (made.stick / layout.RETURNED).exists()


def test_two_boxes_from_one_stick_become_two_stations_only_by_their_own_profiles(made: Made, box: Box, tmp_path: Path):
    """The profile that the first box took is not taken by the second, which leaves the first one's receipt alone."""
    box.visit(made.stick)
    second = Box(tmp_path / "second", made.root)
    synced = second.visit(made.stick)
    assert synced.reasons == (said.PROFILE_USED.about(station=STATION).zh,)
    assert receipt_of(made.stick).epoch == 1
    put(made, station="hall-0008")
    assert second.visit(made.stick).provisioned
    assert second.profile.station == "hall-0008"
    put(made, epoch=2)  # the first box is replaced
    third = Box(tmp_path / "third", made.root)
    assert third.visit(made.stick).provisioned
    assert (third.profile.station, third.profile.epoch) == (STATION, 2)


def test_after_a_reset_a_used_profile_does_not_work_again(made: Made, box: Box):
    """A box that lost its profile needs a new one; the old stick alone is not enough."""
    clean = shutil.copytree(made.stick, made.stick.with_name("clean"))
    box.visit(made.stick)
    (box.state / "profile.json").unlink()
    assert box.visit(clean).reasons == (said.PROFILE_USED.about(station=STATION).zh,)


def test_a_stick_that_is_pulled_while_provisioning_leaves_a_bare_box(made: Made, box: Box):
    """Pulled too early, nothing is half done."""
    with TroubledStick(made.stick, pulled_after=-1) as stick:
        synced = box.visit(stick)
    assert synced.reasons == (said.UNREADABLE.zh,)
    assert box.profile is None
    assert box.visit(made.stick).provisioned


@pytest.mark.parametrize("harm", [b"", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_key_that_a_power_cut_spoilt_is_made_anew(made: Made, box: Box, harm: bytes):
    """A spoilt key does not stop the box for ever."""
    (box.state / "key.pem").write_bytes(harm)
    assert box.visit(made.stick).refused == 0
    x509.load_pem_x509_csr(request_on(made.stick))


def test_lines_of_used_profiles_that_make_no_sense_are_passed_over(made: Made, box: Box):
    """A torn list of used profiles does not stop provisioning."""
    (box.state / "used-profiles").write_bytes(b"\xff\nhall-0007\nhall-0007 one\n\n")
    assert box.visit(made.stick).provisioned


def test_a_card_that_was_moved_into_another_box_is_a_bare_one_with_a_new_key(made: Made, box: Box):
    """The profile and the key of the first box are nothing to the second; a new stick makes it a station again."""
    box.visit(made.stick)
    first = (box.state / "key.pem").read_bytes()
    box.serial = "another SoC"
    assert box.profile is None
    assert stranger(box.state, box.serial).station == STATION
    assert box.visit(made.stick).provisioned is False  # the very profile that the first box has used up
    shutil.rmtree(made.stick / layout.RETURNED)
    put(made, epoch=2)
    assert box.visit(made.stick).provisioned
    assert box.profile.epoch == 2
    assert stranger(box.state, box.serial) is None
    assert (box.state / "key.pem").read_bytes() != first
