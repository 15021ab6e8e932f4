"""Who may speak for a station."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from estation_central.authority.certificates import BEGINS, NEVER, AuthorityError
from estation_central.authority.folder import Authority
from tests.support.centre import NOW, REGION, STATION


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("authority") / "authority")
    made.make(["centre.example", "192.0.2.7"], NOW)
    return made


def request(name: str, key=None) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = builder.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def name_of(pem: bytes) -> str:
    return x509.load_pem_x509_certificate(pem).subject.rfc4514_string()


def test_keys_are_for_the_owner_alone(authority: Authority) -> None:
    """Nobody else on the machine reads a private key."""
    for path in authority.folder.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_certificates_hold_for_a_box_with_any_clock(authority: Authority) -> None:
    """A box whose clock stands at its image's day can check the server, and its own certificate never runs out."""
    server = x509.load_pem_x509_certificate(authority.pair("server")[0].read_bytes())
    root = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    server.verify_directly_issued_by(root)
    assert server.not_valid_before_utc == root.not_valid_before_utc == BEGINS
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["centre.example"]
    own = x509.load_pem_x509_certificate(authority.sign_request(request("hall-0001"), "hall-0001", REGION))
    own.verify_directly_issued_by(root)
    assert own.not_valid_after_utc == NEVER
    assert b"99991231235959Z" in own.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    "asked",
    [
        request("hall-0008"),
        request("653101/hall-0007"),
        request(STATION, rsa.generate_private_key(65537, 2048)),
        request(STATION, ec.generate_private_key(ec.SECP384R1())),
        b"",
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        b"x" * 20_000,
        request(STATION)[:-60],
    ],
)
def test_a_request_for_another_or_of_another_kind_is_refused(authority: Authority, asked: bytes) -> None:
    """A stick cannot make one box speak as another."""
    with pytest.raises(AuthorityError):
        authority.sign_request(asked, STATION, REGION)


def test_a_tampered_request_is_refused(authority: Authority) -> None:
    """A request that its key did not sign is not followed."""
    der = bytearray(x509.load_pem_x509_csr(request(STATION)).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    tampered = x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM)
    with pytest.raises(AuthorityError):
        authority.sign_request(tampered, STATION, REGION)


def test_the_same_request_twice_gives_the_same_certificate(authority: Authority) -> None:
    """A stick that is carried to the centre twice changes nothing."""
    asked = request(STATION)
    assert authority.sign_request(asked, STATION, REGION) == authority.sign_request(asked, STATION, REGION)


def test_after_a_theft_the_next_certificate_has_another_name(tmp_path: Path) -> None:
    """The stolen box can be told from its successor, everywhere."""
    authority = Authority(tmp_path / "authority")
    authority.make(["centre.example"], NOW)
    first = authority.sign_request(request(STATION), STATION, REGION)
    authority.revoke(STATION, datetime.now(UTC))
    second = authority.sign_request(request(STATION), STATION, REGION)
    assert (name_of(first), name_of(second)) == (f"CN={REGION}/{STATION}", f"CN={REGION}/{STATION}.2")
    assert authority.revoked_accounts() == [f"{REGION}/{STATION}"]
    assert authority.later_accounts() == [f"{REGION}/{STATION}.2"]
    revoked = x509.load_pem_x509_crl(authority.revoked_list.read_bytes())
    assert [each.serial_number for each in revoked] == [x509.load_pem_x509_certificate(first).serial_number]
    assert revoked.next_update_utc == NEVER
    authority.make(["centre.example"], NOW)
    assert len(x509.load_pem_x509_crl(authority.revoked_list.read_bytes())) == 1


def test_without_a_certificate_there_is_nothing_to_take_back(authority: Authority) -> None:
    """A wrong name is said, not passed over."""
    with pytest.raises(AuthorityError):
        authority.revoke("hall-9999", NOW)
    with pytest.raises(AuthorityError):
        authority.revoke("../issued", NOW)
