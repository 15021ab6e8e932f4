"""Profiles: one station's name, place and centre, signed by the association's provisioner."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from estation_wire.decoding import decoder
from estation_wire.errors import WireError
from estation_wire.profile import Profile, decode_envelope, encode_envelope, signed_bytes
from estation_wire.values import CONTRACT_MAJOR
from studio.errors import StudioError
from studio.files import write_whole
from studio.keyring import PROVISIONER, Keyring, raw_public

FOLDER: Final = "profiles"
LIFE: Final = timedelta(days=60)  # a technician's round of the prefecture takes weeks; a lost stick must not last


def sign(folder: Path, profile: Profile) -> bytes:
    """A profile's signed envelope, kept in the studio's folder too. Raises `StudioError`."""
    key = Keyring(folder / "keys").keys(PROVISIONER)[0]
    payload = msgspec.json.encode(profile)
    envelope = encode_envelope(payload, ((raw_public(key), key.sign(signed_bytes(payload))),))
    try:
        decode_envelope(envelope)
    except WireError as error:
        raise StudioError(str(error)) from None
    write_whole(path_of(folder, profile.station), envelope)
    return envelope


def sign_file(folder: Path, path: Path, *, now: datetime) -> Path:
    """Sign the profile that a TOML file tells; where its envelope lies.

    The file has the fields of `Profile`, and may leave out ``v``, ``epoch`` (one more than the last) and
    ``not_after`` (60 days from now); ``authority_file`` in ``centre`` and ``network`` may name a PEM file. Raises
    `StudioError`.
    """
    try:
        fields: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
        for table in (fields.get(name, {}) for name in ("centre", "network")):
            if "authority_file" in table:
                table["authority"] = (path.parent / table.pop("authority_file")).read_text(encoding="utf-8")
        given = {
            "v": CONTRACT_MAJOR,
            "epoch": last_epoch(folder, str(fields.get("station", ""))) + 1,
            "not_after": (now + LIFE).replace(microsecond=0),
            **fields,
        }
        profile = msgspec.convert(given, type=Profile)
    except (msgspec.MsgspecError, OSError, ValueError, TypeError, RecursionError) as error:
        msg = f"{path}: {error}"
        raise StudioError(msg) from None
    if profile.township and profile.division != profile.township:
        msg = f"{path}: the township {profile.township} does not lie in the county {profile.region}"
        raise StudioError(msg)
    for fault in (profile.tv.fault, *(wifi.fault for wifi in profile.network.wifi)):
        if fault:
            msg = f"{path}: {fault}"
            raise StudioError(msg)
    sign(folder, profile)
    return path_of(folder, profile.station)


def last_epoch(folder: Path, station: str) -> int:
    """The epoch of the profile that was signed last for a station; 0 where none was."""
    try:
        payload, _ = decode_envelope(path_of(folder, station).read_bytes())
        return decoder(Profile).decode(payload).epoch
    except (OSError, WireError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0


def read(path: Path) -> Profile:
    """A signed profile; raises `StudioError`."""
    try:
        payload, _ = decode_envelope(path.read_bytes())
        return decoder(Profile).decode(payload)
    except (OSError, WireError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        msg = f"{path}: {error}"
        raise StudioError(msg) from None


def path_of(folder: Path, station: str) -> Path:
    """Where the studio keeps a station's signed profile."""
    return folder / FOLDER / f"{station}.json"
