"""Certificates of the private authority, as values: no files, no clock.

Devices' certificates do not expire (RFC 5280's 99991231235959Z): a box without a network for a year must come
back. They are revoked instead. The authority's and the server's begin long before any box's clock can stand.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from estation_wire.values import STATION_PATTERN, matches

BEGINS: Final = datetime(2020, 1, 1, tzinfo=UTC)  # before any image was built: no box's clock stands earlier for long
NEVER: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
SERVER_LIFE: Final = timedelta(days=3650)  # `estation-central init` makes a new one at any time
REQUEST_LIMIT_BYTES: Final = 16 * 1024  # a request for a P-256 key has 500 bytes
COLLECTOR: Final = "collector"  # no station's account: those hold a slash


class AuthorityError(Exception):
    """A certificate cannot be given; the text says why and what to do."""


class Pair(Struct, frozen=True):
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def account(region: str, station: str, generation: int = 1) -> str:
    """The common name of a station's certificate, which is its user name at the broker.

    Generation 2 and later follow a revoked certificate, so that the old one can be told from the new one.
    """
    return f"{region}/{station}" if generation == 1 else f"{region}/{station}.{generation}"


def make_authority() -> Pair:
    """A new private authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "E-Station private authority")])
    builder = (
        _builder(name, name, key.public_key(), NEVER)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return Pair(builder.sign(key, hashes.SHA256()), key)


def issue_server(authority: Pair, hosts: Sequence[str], now: datetime) -> Pair:
    """The broker's certificate for the names and addresses by which boxes call it."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    builder = _leaf(authority, hosts[0][:64], key.public_key(), now + SERVER_LIFE, ExtendedKeyUsageOID.SERVER_AUTH)
    return Pair(builder.add_extension(names, critical=False).sign(authority.key, hashes.SHA256()), key)


def issue_node(authority: Pair, hosts: Sequence[str], now: datetime) -> Pair:
    """A certificate of one server of a cluster, which calls the others as a client does."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    uses = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
    builder = _leaf(authority, hosts[0][:64], key.public_key(), now + SERVER_LIFE, *uses)
    return Pair(builder.add_extension(names, critical=False).sign(authority.key, hashes.SHA256()), key)


def answers_to(certificate: x509.Certificate, hosts: Sequence[str]) -> bool:
    """Whether a server's certificate is good for all of these names and addresses."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return all(_general_name(host) in names for host in hosts)


def issue_client(authority: Pair, name: str) -> Pair:
    """A client's certificate for our own collector."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _leaf(authority, name, key.public_key(), NEVER, ExtendedKeyUsageOID.CLIENT_AUTH)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


class Request(Struct, frozen=True):
    """What a box asks for: the station, and its key's fingerprint (SHA-256 of the SubjectPublicKeyInfo, in hex)."""

    station: str
    fingerprint: str


def request_of(request: bytes) -> Request:
    """Who asks, by a PEM request that its own P-256 key signed. Raises `AuthorityError`."""
    names = []
    if len(request) <= REQUEST_LIMIT_BYTES:
        with contextlib.suppress(ValueError, UnsupportedAlgorithm):
            names = x509.load_pem_x509_csr(request).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    station = str(names[0].value) if names else ""
    key = _requested_key(request, station)
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Request(station, hashlib.sha256(spki).hexdigest())


def sign_request(authority: Pair, request: bytes, station: str, region: str, generation: int = 1) -> x509.Certificate:
    """The certificate of ``station`` for the PEM ``request`` that its box made; raises `AuthorityError`."""
    key = _requested_key(request, station)
    builder = _leaf(authority, account(region, station, generation), key, NEVER, ExtendedKeyUsageOID.CLIENT_AUTH)
    return builder.sign(authority.key, hashes.SHA256())


def revocation_list(authority: Pair, revoked: Iterable[int], now: datetime) -> bytes:
    """The list of revoked serial numbers, PEM. It does not run out: a broker refuses everybody by an old list."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(BEGINS)
        .next_update(NEVER)
    )
    for serial in sorted(set(revoked)):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _requested_key(request: bytes, station: str) -> ec.EllipticCurvePublicKey:
    if len(request) > REQUEST_LIMIT_BYTES:
        msg = f"request of {station}: {len(request)} bytes are no request of a box"
        raise AuthorityError(msg)
    try:
        asked = x509.load_pem_x509_csr(request)
        key, names = asked.public_key(), asked.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        valid = asked.is_signature_valid
    except (ValueError, UnsupportedAlgorithm) as error:
        msg = f"request of {station}: not a certificate request ({error}); let the box write it again"
        raise AuthorityError(msg) from None
    if not valid or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        msg = f"request of {station}: not signed by a P-256 key of its own"
        raise AuthorityError(msg)
    if [str(name.value) for name in names] != [station] or not matches(STATION_PATTERN, station):
        told = ", ".join(str(name.value)[:64] for name in names) or "nobody"
        msg = f"request of {station}: it is made for {told!r}; take the stick to the right box"
        raise AuthorityError(msg)
    return key


def _leaf(
    authority: Pair, name: str, key: ec.EllipticCurvePublicKey, ends: datetime, *uses: x509.ObjectIdentifier
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_key = authority.key.public_key()
    return (
        _builder(subject, authority.certificate.subject, key, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
