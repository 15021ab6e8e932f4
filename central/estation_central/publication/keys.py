"""Other people's Ed25519 signatures, through PyPI ``cryptography``. Nothing signs here."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def signed_by(public_key: str, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` of ``message`` is that of ``public_key`` (raw, in hex). Never raises."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True
