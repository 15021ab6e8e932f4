"""How a station may use its network for the library: where it is, how fast, when, and whether it costs money. Pure."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from estation_wire.hours import Window

URL_PATTERN: Final = r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/%-]*)?\Z"
Url = Annotated[str, Meta(max_length=512, pattern=URL_PATTERN)]


class Network(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``{"library":"https://kepu.example/library","windows":[{"days":["SA","SU"],"begin":"00:00","end":"06:00"}]}``.

    ``library``: the publisher's folder; none is a site that has sticks only. ``authority``: the CA's certificate in PEM
    where it is a private one. ``proxy``: the school's HTTP proxy. ``metered``: nothing but the documents is fetched.
    ``windows``: when videos may be fetched, local wall time, two that touch are one; none are all hours.
    ``bytes_per_second`` 0 is no limit.
    """

    library: Url | None = None
    authority: Annotated[str, Meta(max_length=16384)] = ""
    proxy: Url | None = None
    bytes_per_second: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    windows: Annotated[tuple[Window, ...], Meta(max_length=8)] = ()
    metered: bool = False
