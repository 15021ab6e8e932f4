"""How a station reaches its network, and how it may use it for the library: where, how fast, at what cost. Pure."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from estation_wire.hours import Window

URL_PATTERN: Final = r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/%-]*)?\Z"
Url = Annotated[str, Meta(max_length=512, pattern=URL_PATTERN)]


SSID_PATTERN: Final = r"^[^\x00-\x1f\x7f]{1,32}\Z"
TYPED_PATTERN: Final = r"^([ -~]{8,63})?\Z"  # what IEEE 802.11i lets people type
USB_PATTERN: Final = r"^[0-9a-f]{4}:[0-9a-f]{4}\Z"
APN_PATTERN: Final = r"^[A-Za-z0-9.-]{1,100}\Z"
SSID_LIMIT_BYTES: Final = 32


class Wifi(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``{"ssid":"school","passphrase":"eight or more"}``: one wireless network; without a passphrase it is an open one.

    Whoever holds the stick can read it: a guest network of the site's own is right, a teacher's password is not.
    """

    ssid: Annotated[str, Meta(min_length=1, max_length=32, pattern=SSID_PATTERN)]
    passphrase: Annotated[str, Meta(max_length=63, pattern=TYPED_PATTERN)] = ""
    hidden: bool = False

    @property
    def fault(self) -> str:
        """What a schema cannot say: that no radio can send the name. The studio signs no such."""
        length = len(self.ssid.encode())
        return "" if length <= SSID_LIMIT_BYTES else f"the wireless name {self.ssid} has {length} bytes, more than 32"


class Modem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``{"usb":"2c7c:0125","apn":"cmnet"}``: the one modem that the USB ports let in.

    ``usb``: its maker and model, as `lsusb` shows them once it is a modem.
    """

    usb: Annotated[str, Meta(pattern=USB_PATTERN)]
    apn: Annotated[str, Meta(max_length=100, pattern=APN_PATTERN)]


class Network(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``{"library":"https://kepu.example/library","windows":[{"days":["SA","SU"],"begin":"00:00","end":"06:00"}]}``.

    ``library``: the publisher's folder; none is a site that has sticks only. ``authority``: the CA's certificate in PEM
    where it is a private one. ``proxy``: the school's HTTP proxy. ``metered``: nothing but the documents is fetched.
    ``windows``: when videos may be fetched, local wall time, two that touch are one; none are all hours.
    ``bytes_per_second`` 0 is no limit. A cable needs no word here; ``wifi``: the first that is in reach is taken;
    ``modem``: used where neither is.
    """

    library: Url | None = None
    authority: Annotated[str, Meta(max_length=16384)] = ""
    proxy: Url | None = None
    bytes_per_second: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    windows: Annotated[tuple[Window, ...], Meta(max_length=8)] = ()
    metered: bool = False
    wifi: Annotated[tuple[Wifi, ...], Meta(max_length=4)] = ()
    modem: Modem | None = None
