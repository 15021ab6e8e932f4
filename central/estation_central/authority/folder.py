"""The authority's folder: its key, what it issued, what it revoked.

::

    authority.pem  authority.key     the private authority
    server.pem     server.key        the broker
    collector.pem  collector.key     our own collector
    issued/STATION/GENERATION-SERIAL.pem   certificates of a station; a new generation after each revocation
    revoked/STATION/GENERATION-SERIAL.pem  those that were taken back
    revoked.pem                      the revocation list for the broker
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from estation_central.authority import certificates
from estation_central.authority.certificates import COLLECTOR, AuthorityError, Pair
from estation_wire.values import STATION_PATTERN, matches

AUTHORITY: Final = "authority"
SERVER: Final = "server"
REVOKED_LIST: Final = "revoked.pem"


class Authority:
    """The private authority that lies in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, hosts: Sequence[str], now: datetime) -> None:
        """Make what is missing; the server's certificate is always made anew, for ``hosts``. Raises `OSError`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._path(AUTHORITY).exists():
            self._save(AUTHORITY, certificates.make_authority())
        pair = self._load()
        self._save(SERVER, certificates.issue_server(pair, hosts, now))
        if not self._path(COLLECTOR).exists():
            self._save(COLLECTOR, certificates.issue_client(pair, COLLECTOR))
        self._write_revoked(now)

    @property
    def certificate(self) -> Path:
        """The authority's own certificate, which profiles carry to the boxes."""
        return self._path(AUTHORITY)

    def pair(self, name: str) -> tuple[Path, Path]:
        """The files of a certificate and of its key: ``server`` or ``collector``."""
        return self._path(name), self.folder / f"{name}.key"

    @property
    def revoked_list(self) -> Path:
        """The revocation list for the broker."""
        return self.folder / REVOKED_LIST

    def sign_request(self, request: bytes, station: str, region: str) -> bytes:
        """The certificate (PEM) for the request of a registered station; raises `AuthorityError` or `OSError`."""
        issued, revoked = self._files("issued", station), self._files("revoked", station)
        generation = _generation(revoked[-1]) + 1 if revoked else 1
        signed = certificates.sign_request(self._load(), request, station, region, generation)
        for path in issued:  # the same stick twice gives the same certificate
            before = path.read_bytes()
            if _is_same(x509.load_pem_x509_certificate(before), signed):
                return before
        pem = signed.public_bytes(serialization.Encoding.PEM)
        _write(self._place("issued", station) / f"{generation}-{signed.serial_number:x}.pem", pem, 0o600)
        return pem

    def issued(self, station: str) -> bool:
        """Whether the station has a certificate that holds. Raises `AuthorityError` where the name is none."""
        return bool(self._files("issued", station))

    def revoke(self, station: str, now: datetime) -> None:
        """Take all of the station's certificates back. Raises `AuthorityError` where there is none."""
        files = self._files("issued", station)
        if not files:
            msg = f"{station}: no certificate to take back"
            raise AuthorityError(msg)
        place = self._place("revoked", station)
        for path in files:
            path.rename(place / path.name)
        self._write_revoked(now)

    def revoked_accounts(self) -> list[str]:
        """Accounts that may do nothing any more."""
        return sorted({_common_name(path.read_bytes()) for path in self.folder.glob("revoked/*/*.pem")})

    def accounts(self) -> list[str]:
        """Every account whose certificate holds."""
        return sorted({_common_name(path.read_bytes()) for path in self.folder.glob("issued/*/*.pem")})

    def write_node(self, place: Path, hosts: Sequence[str], now: datetime) -> None:
        """Certificate and key of a cluster's server: ``place`` with ``.pem`` and ``.key``. Those that are good stay."""
        there = place.with_suffix(".pem")
        if there.exists():
            before = x509.load_pem_x509_certificate(there.read_bytes())
            if certificates.answers_to(before, hosts):
                return
        _save(place, certificates.issue_node(self._load(), hosts, now))

    def later_accounts(self) -> list[str]:
        """Accounts of a second or later generation, which the broker must be told of one by one."""
        later = (path for path in self.folder.glob("issued/*/*.pem") if _generation(path) > 1)
        return sorted({_common_name(path.read_bytes()) for path in later})

    def _files(self, kind: str, station: str) -> list[Path]:
        if not matches(STATION_PATTERN, station):
            msg = f"{station[:64]!r} is no station's name"
            raise AuthorityError(msg)
        return sorted((self.folder / kind / station).glob("*.pem"), key=_generation)

    def _place(self, kind: str, station: str) -> Path:
        place = self.folder / kind / station
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place

    def _write_revoked(self, now: datetime) -> None:
        files = self.folder.glob("revoked/*/*.pem")
        serials = [x509.load_pem_x509_certificate(path.read_bytes()).serial_number for path in files]
        _write(self.revoked_list, certificates.revocation_list(self._load(), serials, now), 0o644)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def _load(self) -> Pair:
        try:
            certificate = x509.load_pem_x509_certificate(self._path(AUTHORITY).read_bytes())
            key = serialization.load_pem_private_key((self.folder / f"{AUTHORITY}.key").read_bytes(), password=None)
        except (OSError, ValueError) as error:
            msg = f"the authority in {self.folder} cannot be read ({error}): run `estation-central init`"
            raise AuthorityError(msg) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            msg = f"the authority in {self.folder} holds a key of another kind"
            raise AuthorityError(msg)
        return Pair(certificate, key)

    def _save(self, name: str, pair: Pair) -> None:
        _save(self.folder / name, pair)


def _save(place: Path, pair: Pair) -> None:
    key = pair.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(place.with_suffix(".key"), key, 0o600)
    _write(place.with_suffix(".pem"), pair.certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _generation(path: Path) -> int:
    return int(path.stem.partition("-")[0])


def _is_same(one: x509.Certificate, other: x509.Certificate) -> bool:
    return one.subject == other.subject and one.public_key() == other.public_key()


def _common_name(pem: bytes) -> str:
    subject = x509.load_pem_x509_certificate(pem).subject
    return str(subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write whole or not at all; a key is never readable by others, not for a moment."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
