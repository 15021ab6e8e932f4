"""The studio's private keys: one PEM file each under ``keys/``, mode 0600, without a password.

Whoever has these files can publish. They belong on an encrypted disk, and the root keys on sticks in two safes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from studio.errors import StudioError
from studio.files import write_whole

ROLES: Final = ("root", "targets", "snapshot", "timestamp")
PROVISIONER: Final = "provisioner"
OWNER_ONLY: Final = 0o600


class Keyring:
    """The keys in one folder, named ``ROLE-NUMBER.pem``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, role: str, count: int = 1) -> None:
        """Make ``count`` keys for a role; those that are there stay."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(1, count + 1):
            path = self._folder / f"{role}-{number}.pem"
            if path.exists():
                continue
            pem = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            write_whole(path, pem, OWNER_ONLY)

    def keys(self, role: str) -> list[Ed25519PrivateKey]:
        """The private keys of a role; raises `StudioError` where there is none."""
        paths = sorted(self._folder.glob(f"{role}-*.pem"))
        if not paths:
            msg = f"there is no key {role} in {self._folder}: run `estation-studio init` first, or bring the key"
            raise StudioError(msg)
        return [_read(path) for path in paths]

    def signers(self, role: str) -> list[CryptoSigner]:
        """What signs TUF metadata for a role."""
        return [CryptoSigner(key) for key in self.keys(role)]


def raw_public(key: Ed25519PrivateKey) -> str:
    """The raw public key, in hex, as `Provisioners` names it."""
    return key.public_key().public_bytes_raw().hex()


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        msg = f"{path}: {error}"
        raise StudioError(msg) from None
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"{path} is no Ed25519 key"
        raise StudioError(msg)
    return key
