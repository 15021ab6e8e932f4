"""The box's papers in its state folder: ``profile.json``, ``used-profiles``, ``request.pem`` and ``certificate.pem``.

Core reads them here too; nothing here imports more than the wire's types.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

import msgspec

from estation_box.library import said
from estation_box.library.interfaces import CardError
from estation_wire.decoding import decoder
from estation_wire.profile import PROFILE_LIMIT_BYTES, Profile
from estation_wire.values import matches

PROFILE: Final = "profile.json"
USED: Final = "used-profiles"
BOUND: Final = "profile-box"
BOUND_LIMIT_BYTES: Final = 256
LIVES: Final = "lives"
CERTIFICATE: Final = "certificate.pem"
REQUEST: Final = "request.pem"
KEY: Final = "key.pem"
PAPER_LIMIT_BYTES: Final = 64 * 1024
EPOCH_PATTERN: Final = r"^[0-9]{1,16}\Z"  # up to 2^53
USED_LIMIT_BYTES: Final = 64 * 1024  # a thousand profiles; a box sees a few in its life


def load_profile(state: Path, serial: str) -> Profile | None:
    """The profile that is applied in a box's state folder; None where there is none, or none that can be read.

    A card that bears the profile of another box than ``serial`` has none: see `stranger`.
    """
    return None if _bound(state) not in {"", serial} else _profile(state)


def stranger(state: Path, serial: str) -> Profile | None:
    """The profile that was applied by another box than ``serial``: its card was moved here, or copied."""
    return _profile(state) if _bound(state) not in {"", serial} else None


def _bound(state: Path) -> str:
    """The serial of the box that applied the profile; empty where that is not known."""
    try:
        with (state / BOUND).open("rb") as file:
            return file.read(BOUND_LIMIT_BYTES).decode(errors="replace")
    except OSError:
        return ""


def _profile(state: Path) -> Profile | None:
    try:
        with (state / PROFILE).open("rb") as file:
            return decoder(Profile).decode(file.read(PROFILE_LIMIT_BYTES))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
        return None


def lives(state: Path) -> int:
    """How often this box was made bare again: each life has a journal of its own."""
    try:
        with (state / LIVES).open("rb") as file:
            text = file.read(BOUND_LIMIT_BYTES).decode(errors="replace")
    except OSError:
        return 0
    return int(text) if matches(EPOCH_PATTERN, text) else 0


def write_durably(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put ``data`` at ``path``, whole or not at all, also through a power cut. Raises `OSError`."""
    beside = path.with_name(f".{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ProfileStore:
    """See `Papers`."""

    def __init__(self, state: Path, serial: str) -> None:
        """``serial``: of the SoC, to which the papers are bound."""
        self._state = state
        self._serial = serial

    def profile(self) -> Profile | None:
        """See `Papers.profile`."""
        return load_profile(self._state, self._serial)

    def apply(self, payload: bytes, profile: Profile) -> None:
        """See `Papers.apply`. The profile first: cut between the two, it is remembered as used with the next one.

        What another box has left on this card (its key and certificate) goes before: a key never leaves its box.
        """
        used = self.used() | {(profile.station, profile.epoch)}
        own = self.profile()
        if own is not None:
            used |= {(own.station, own.epoch)}
        text = "".join(f"{station} {epoch}\n" for station, epoch in sorted(used))
        try:
            if stranger(self._state, self._serial) is not None:
                for name in (CERTIFICATE, KEY, REQUEST):
                    (self._state / name).unlink(missing_ok=True)
            write_durably(self._state / BOUND, self._serial.encode())
            write_durably(self._state / PROFILE, payload)
            write_durably(self._state / USED, text.encode())
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error

    def forget(self, profile: Profile) -> None:
        """See `Papers.forget`. The profile goes last: cut before that, the box takes the same order once more."""
        used = self.used() | {(profile.station, profile.epoch)}
        text = "".join(f"{station} {epoch}\n" for station, epoch in sorted(used))
        try:
            write_durably(self._state / LIVES, str(lives(self._state) + 1).encode())
            for name in (CERTIFICATE, REQUEST, KEY, PROFILE, BOUND):
                (self._state / name).unlink(missing_ok=True)
                sync_folder(self._state)
            write_durably(self._state / USED, text.encode())
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error

    def used(self) -> frozenset[tuple[str, int]]:
        """See `Papers.used`; lines that make no sense are passed over."""
        try:
            with (self._state / USED).open("rb") as file:
                text = file.read(USED_LIMIT_BYTES).decode(errors="replace")
        except OSError:
            return frozenset()
        words = (line.partition(" ") for line in text.splitlines())
        return frozenset((station, int(epoch)) for station, _, epoch in words if matches(EPOCH_PATTERN, epoch))

    def certificate(self) -> bytes | None:
        """See `Papers.certificate`."""
        return self._read(CERTIFICATE)

    def keep_certificate(self, certificate: bytes) -> None:
        """See `Papers.keep_certificate`."""
        self._write(CERTIFICATE, certificate)
        self.keep_request(None)

    def request(self) -> bytes | None:
        """The certificate request that is to be posted; None where there is none."""
        return self._read(REQUEST)

    def keep_request(self, request: bytes | None) -> None:
        """See `Papers.keep_request`."""
        if request is not None:
            self._write(REQUEST, request)
            return
        try:
            (self._state / REQUEST).unlink(missing_ok=True)
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error

    def _read(self, name: str) -> bytes | None:
        try:
            with (self._state / name).open("rb") as file:
                return file.read(PAPER_LIMIT_BYTES)
        except OSError:
            return None

    def _write(self, name: str, data: bytes) -> None:
        try:
            write_durably(self._state / name, data)
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error
