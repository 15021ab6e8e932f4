"""How a station may use its network for the library: where it is, how fast, when, and whether it costs money. Pure."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

URL_PATTERN: Final = r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/%-]*)?\Z"
CLOCK_PATTERN: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z"
Url = Annotated[str, Meta(max_length=512, pattern=URL_PATTERN)]
Clock = Annotated[str, Meta(pattern=CLOCK_PATTERN, description="local wall time, HH:MM")]


class Window(Struct, frozen=True, kw_only=True):
    """Hours in which videos may be fetched; one that ends before it begins goes over midnight."""

    begin: Clock
    end: Clock

    @property
    def minutes(self) -> tuple[int, int]:
        """Its first minute of the day, and how many it lasts; equal ends are the whole day."""
        first, last = _minutes(self.begin), _minutes(self.end)
        return first, (last - first) % 1440 or 1440


class Network(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``{"library":"https://kepu.example/library","bytes_per_second":250000,"windows":[{"begin":"22:00","end":"06:00"}]}``.

    ``library``: the publisher's folder; none is a site that has sticks only. ``authority``: the CA's certificate in PEM
    where it is a private one. ``proxy``: the school's HTTP proxy. ``metered``: nothing but the documents is fetched.
    No ``windows`` are all hours; ``bytes_per_second`` 0 is no limit.
    """

    library: Url | None = None
    authority: Annotated[str, Meta(max_length=16384)] = ""
    proxy: Url | None = None
    bytes_per_second: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    windows: Annotated[tuple[Window, ...], Meta(max_length=8)] = ()
    metered: bool = False


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
