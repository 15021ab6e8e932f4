"""A hall and its office for a box in QEMU: a studio with films of its own, a centre, and the sticks between them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from studio import profiles as signing
from studio.publishing import Published, init, publish
from studio.stick import write_stick
from tests.support import clips, machine
from tests.support.library import make_authority, make_profile, wall, write_source

STATION = "hall-0007"
GUEST_SEES_US = "10.0.2.2"  # QEMU's user network: this machine's own loopback, as the guest calls it

# No player has to guess the colours.
TAGGED = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"


LIGHT = 10  # frames a second: an emulated processor that it shares shows them at their time


def film(seconds: float, turned: int = 0, rate: int = LIGHT) -> Path:
    """A film in the house profile with its time burnt in, and a tone.

    ``turned``: by so many degrees on the wheel of colours, so that films differ. ``rate``: frames a second.
    """
    picture = f"testsrc2=s=1280x720:r={rate}:d={seconds},{TAGGED}" + (f",hue=h={turned}" if turned else "")
    arguments = ["-f", "lavfi", "-i", picture]
    arguments += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "2M", "-maxrate", "2M", "-bufsize", "2M"]
    coding += ["-g", str(2 * rate), "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart"]
    return clips.ffmpeg([*arguments, *coding], ".mp4")


def again(path: Path, times: int) -> Path:
    """The film so many times in a row, as one film: long, and made in a moment."""
    return clips.ffmpeg(
        ["-stream_loop", str(times - 1), "-i", str(path), "-c", "copy", "-movflags", "+faststart"], ".mp4"
    )


class Hall:
    """A studio in ``folder``, which signs a library of ``films`` and one station's profile, and the stick's content."""

    def __init__(
        self, folder: Path, films: Sequence[Path], now: datetime, *, station: str = STATION, **profile: object
    ) -> None:
        """``profile``: other words of it; ``authority``: the centre's certificate in PEM."""
        self.folder, self.station, self.now = folder, station, now
        self._studio, self._source, self.content = folder / "studio", folder / "source", folder / "content"
        for made in (self._source, self.content):
            made.mkdir(parents=True)
        self._films = 0
        self.add(films)
        self.root = init(self._studio, now=now)
        authority = str(profile.pop("authority", make_authority().pem))
        self._profile = make_profile(authority, station, **{"not_after": now + timedelta(days=60), **profile})
        self.published: Published | None = None

    def add(self, films: Sequence[Path]) -> None:
        """More films for the next library."""
        for number, path in enumerate(films, self._films):
            shutil.copy(path, self._source / f"video-{number}.mp4")
        self._films += len(films)

    def sign(self, start: datetime) -> None:
        """Publish the library with a weekly session of all films that starts then, and write the stick's content."""
        write_source(self._source, videos=self._films, start=wall(start), shows=self._films)
        self.published = publish(self._studio, self._source, now=self.now)
        assert not self.published.refused, self.published.refused
        signing.sign(self._studio, self._profile)
        write_stick(self._studio, self.content, profiles=[signing.path_of(self._studio, self.station)])

    def stick(self) -> Path:
        """A stick with all that."""
        return machine.stick(self.folder, self.content)

    def take_back(self, stick: Path) -> None:
        """What the box has left on the stick, into the content: as the office sees it."""
        machine.run("mcopy", "-s", "-n", "-o", "-i", f"{stick}@@{1 + machine.EFI_MIB}M", "::ESTATION", self.content)
