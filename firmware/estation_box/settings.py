"""What a box is told once, in ``box.toml``, and where its folders are (systemd's own variables).

Every fault of the settings is reported together, with what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

BOOT_VARIABLE: Final = "ESTATION_BOOT"
"""Off the appliance the stand-in for PID 1 sets this to 32 hex digits, so that a new `make run` is a new boot."""
BEGAN_VARIABLE: Final = "ESTATION_BOOT_BEGAN"
"""With it: when that boot began, in seconds of this machine's CLOCK_BOOTTIME."""
SUPERVISOR_VARIABLE: Final = "ESTATION_SUPERVISOR"
"""With it: the terminal behind which a supervisor is, if any."""
MAX_OVERSCAN: Final = 10  # per cent at each edge; a set that hides more is mended with a screwdriver


class SettingsError(Exception):
    """The settings cannot be used; the text names each fault."""


class Folders(Struct, frozen=True, kw_only=True):
    """Where things are: ``state`` survives power cuts, ``runtime`` goes at boot, ``configuration`` is read-only."""

    state: Path
    runtime: Path
    configuration: Path

    @property
    def cache(self) -> Path:
        """The content-addressed videos: ``cache/<content id>``."""
        return self.state / "cache"

    @property
    def pictures(self) -> Path:
        """The films' small pictures: ``pictures/<content id>``."""
        return self.state / "pictures"

    @property
    def library_database(self) -> Path:
        """Catalogue, slots and what is held; written by sync, read by core."""
        return self.state / "library.db"

    @property
    def journal_database(self) -> Path:
        """The journal's records; core alone."""
        return self.state / "journal.db"

    @property
    def trust_root(self) -> Path:
        """The publisher's first TUF root, put there when the image is made."""
        return self.configuration / "root.json"

    @property
    def player_socket(self) -> Path:
        """Where the player listens."""
        return self.runtime / "player.sock"

    @property
    def core_socket(self) -> Path:
        """Where core listens to sync and to the `estation` command."""
        return self.runtime / "core.sock"

    @property
    def sync_request(self) -> Path:
        """Core writes what sync shall do here; the path unit starts sync."""
        return self.runtime / "sync-request"

    @property
    def fetch_request(self) -> Path:
        """Core writes here that the library shall be fetched by network now; the path unit starts `apps.fetch`."""
        return self.runtime / "fetch-request"

    @property
    def sync_waiting(self) -> Path:
        """Sync leaves word here that the network's work keeps it waiting, and takes it away when its turn has come."""
        return self.runtime / "sync-waiting"

    @property
    def stick_request(self) -> Path:
        """Core writes here which stick is to be mounted and read; the path unit starts `apps.stick`."""
        return self.runtime / "stick-request"


class Video(Struct, frozen=True, kw_only=True):
    """How mpv reaches the screen; named, never autodetected."""

    output: Literal["drm", "gpu", "x11", "null"] = "drm"
    gpu_context: Literal["drm", "x11egl", ""] = ""
    audio: Annotated[str, Meta(max_length=40)] = "alsa"
    fullscreen: bool = True  # False on somebody's desk, where the picture shall be a window among others


class Lead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the TV hangs on this box: its leads, its shape, what its edge hides. Read once, before anything is shown.

    ``picture``: by HDMI, or by the jack's fourth contact (composite, PAL). ``shape``: of the TV's screen; ``overscan``:
    per cent of it that are hidden at each edge; ``sound``: which lead brings it. What is not said follows from
    ``picture``: 16:9, nothing hidden, sound by HDMI; or 4:3, 5 per cent, sound by the jack. ``cec``: the TV's wire; off
    the appliance a socket may stand for it.
    """

    picture: Literal["hdmi", "composite"] = "hdmi"
    shape: Literal["16:9", "4:3"] | None = None
    overscan: Annotated[int, Meta(ge=0, le=MAX_OVERSCAN)] | None = None
    sound: Literal["hdmi", "jack"] | None = None
    cec: Annotated[str, Meta(min_length=1, max_length=200)] = "/dev/cec0"

    @property
    def wide(self) -> float:
        """Width of the screen by its height."""
        shape = self.shape or ("4:3" if self.picture == "composite" else "16:9")
        return 4 / 3 if shape == "4:3" else 16 / 9

    @property
    def hidden(self) -> int:
        """Per cent of the screen that are hidden at each edge."""
        return self.overscan if self.overscan is not None else 5 if self.picture == "composite" else 0


class Stick(Struct, frozen=True, kw_only=True):
    """Off the appliance a folder stands for the stick: it is «in» while the folder ``folder`` exists."""

    folder: str = ""


class Button(Struct, frozen=True, kw_only=True):
    """The button between a pin and ground; ``bcm`` is the pin by the SoC's own number, None where there is none."""

    bcm: Annotated[int, Meta(ge=0, le=53)] | None = None


class Light(Struct, frozen=True, kw_only=True):
    """The status light on a pin of the header, through a resistor; ``bcm`` as for the button."""

    bcm: Annotated[int, Meta(ge=0, le=53)] | None = None


class Settings(Struct, frozen=True, kw_only=True):
    """The whole of ``box.toml``; an empty file is the appliance."""

    video: Video = msgspec.field(default_factory=Video)
    tv: Lead = msgspec.field(default_factory=Lead)
    stick: Stick = msgspec.field(default_factory=Stick)
    button: Button = msgspec.field(default_factory=Button)
    light: Light = msgspec.field(default_factory=Light)


def folders(environment: Mapping[str, str]) -> Folders:
    """The folders that systemd (or its stand-in) gives the unit; raises `SettingsError`."""
    names = ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CONFIGURATION_DIRECTORY")
    missing = [name for name in names if not environment.get(name)]
    if missing:
        msg = f"{', '.join(missing)} not set: start this through its systemd unit, or `make run` off the appliance"
        raise SettingsError(msg)
    state, runtime, configuration = (Path(environment[name].split(":")[0]) for name in names)
    return Folders(state=state, runtime=runtime, configuration=configuration)


def read(configuration: Path, name: str = "box.toml") -> Settings:
    """The settings in the file ``name``; defaults where it is missing. Raises `SettingsError`."""
    path = configuration / name
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (msgspec.MsgspecError, OSError, ValueError, RecursionError) as error:
        msg = f"{path}: {error}; mend the file or remove it"
        raise SettingsError(msg) from None
