"""Keys and certificates, through PyPI ``cryptography``: the box's P-256 key, its request, other people's signatures."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from estation_box.drivers import ed25519
from estation_box.drivers.profile_store import write_durably
from estation_box.library import said
from estation_box.library.interfaces import CardError

OWNER_ONLY: Final = 0o600
_NOT_A_CERTIFICATE: Final = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound)


class BoxKeys:
    """See `Keys`. The private key is made on the box, lies in one file of mode 0600, and is never copied."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def signed_by(self, public_key: str, signature: bytes, message: bytes) -> bool:
        """See `Keys.signed_by`."""
        return ed25519.signed_by(public_key, signature, message)

    def request(self, station: str) -> bytes:
        """See `Keys.request`; the station is the common name."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, station)])
        request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(self._key(), hashes.SHA256())
        return request.public_bytes(serialization.Encoding.PEM)

    def fits(self, certificate: bytes, *, station: str, authority: str) -> bool:
        """See `Keys.fits`; the first certificate of a chain is the box's own."""
        return certifies(certificate, key=self._key().public_key(), station=station, authority=authority)

    def is_authority(self, authority: str) -> bool:
        """See `Keys.is_authority`."""
        try:
            certificate = x509.load_pem_x509_certificate(authority.encode())
            return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except _NOT_A_CERTIFICATE:
            return False

    def _key(self) -> ec.EllipticCurvePrivateKey:
        """The box's key; made where there is none, or none that can be read (a power cut, a worn card)."""
        try:
            key = serialization.load_pem_private_key(self._path.read_bytes(), password=None)
            if isinstance(key, ec.EllipticCurvePrivateKey):
                return key
        except FileNotFoundError:
            pass
        except (ValueError, TypeError, UnsupportedAlgorithm):
            pass
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error
        return self._made()

    def _made(self) -> ec.EllipticCurvePrivateKey:
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            write_durably(self._path, pem, OWNER_ONLY)
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error
        return key


def certifies(certificate: bytes, *, key: object, station: str, authority: str) -> bool:
    """Whether the first certificate of a chain (PEM) is for ``key`` and ``station``, issued by ``authority`` (PEM)."""
    try:
        own = x509.load_pem_x509_certificates(certificate)[0]
        own.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.encode()))
    except _NOT_A_CERTIFICATE:
        return False
    names = [str(name.value) for name in own.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return [_station(name) for name in names] == [station] and own.public_key() == key


def _station(common_name: str) -> str:
    """The station in ``REGION/STATION`` or, once a certificate was taken back, ``REGION/STATION.GENERATION``."""
    return common_name.rpartition("/")[2].partition(".")[0]
