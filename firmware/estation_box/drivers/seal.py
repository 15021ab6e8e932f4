"""The box's P-256 key as a seal: what it vouches for, and the print by which an office knows it."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from estation_box.drivers.keys import BoxKeys


class Seal(BoxKeys):
    """The same key and file as `BoxKeys`."""

    def fingerprint(self) -> str:
        """SHA-256 of the public key (DER, SubjectPublicKeyInfo), in hex. Raises `CardError`."""
        public = (
            self._key()
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        return hashlib.sha256(public).hexdigest()

    def sign(self, message: bytes) -> bytes:
        """An ECDSA signature with SHA-256 over ``message``, DER. Raises `CardError`."""
        return self._key().sign(message, ec.ECDSA(hashes.SHA256()))

    def vouched(self, authority: str, signature: bytes, message: bytes) -> bool:
        """Whether the key of ``authority``'s certificate (PEM) made this signature over ``message``."""
        try:
            key = x509.load_pem_x509_certificate(authority.encode()).public_key()
            if not isinstance(key, ec.EllipticCurvePublicKey):
                return False
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except (ValueError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True
