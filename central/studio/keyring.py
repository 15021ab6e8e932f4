"""The studio's private keys: one PEM file each under ``keys/``, mode 0600, without a password.

Whoever has these files can publish. They belong on an encrypted disk, and the root keys on sticks in two safes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
RETIRED: Final = "retired"
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
            if not path.exists():
                write_whole(path, _new_pem(), OWNER_ONLY)

    def make_more(self, role: str, count: int) -> list[Path]:
        """Make ``count`` keys beside those that there are, with numbers that were never used; their files."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        used = [_number(path) for path in (*self.paths(role), *_of(self._folder / RETIRED, role))]
        first = max(used, default=0) + 1
        paths = [self._folder / f"{role}-{number}.pem" for number in range(first, first + count)]
        for path in paths:
            write_whole(path, _new_pem(), OWNER_ONLY)
        return paths

    def count(self, role: str) -> int:
        """How many keys of a role are at hand."""
        return len(self.paths(role))

    def retire(self, role: str, keep: Iterable[Path]) -> None:
        """Put away a role's keys except ``keep``: in ``retired/`` they sign nothing any more."""
        kept = frozenset(keep)
        for path in self.paths(role):
            if path not in kept:
                (self._folder / RETIRED).mkdir(exist_ok=True, mode=0o700)
                path.rename(self._folder / RETIRED / path.name)

    def keys(self, role: str) -> list[Ed25519PrivateKey]:
        """The private keys of a role; raises `StudioError` where there is none."""
        paths = self.paths(role)
        if not paths:
            msg = f"there is no key {role} in {self._folder}: run `estation-studio init` first, or bring the key"
            raise StudioError(msg)
        return [_read(path) for path in paths]

    def signers(self, role: str) -> list[CryptoSigner]:
        """What signs TUF metadata for a role."""
        return [CryptoSigner(key) for key in self.keys(role)]

    def signers_in(self, paths: Iterable[Path]) -> list[CryptoSigner]:
        """What signs with the keys in ``paths``."""
        return [CryptoSigner(_read(path)) for path in paths]

    def paths(self, role: str) -> list[Path]:
        """The files of the keys of a role that are at hand, by number."""
        return _of(self._folder, role)


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


def _of(folder: Path, role: str) -> list[Path]:
    """A role's files, by number; ``653101-emergency-1.pem`` is none of role ``653101``."""
    named = re.compile(rf"{re.escape(role)}-[0-9]{{1,4}}\.pem")
    return sorted((path for path in folder.glob("*.pem") if named.fullmatch(path.name)), key=_number)


def _number(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
