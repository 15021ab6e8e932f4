"""What NetworkManager is told of a profile's network: a keyfile for cables, each wireless network and the modem. Pure.

The profile need not name a cable, and a bare box has one, too: DHCP. One real file::

    [connection]
    id=wifi-0
    uuid=8b7d5cf8-6d2c-5b4b-9f3a-5a4b5f6f3f0e
    type=wifi
    autoconnect-priority=9

    [wifi]
    ssid=115;99;104;111;111;108;

    [wifi-security]
    key-mgmt=wpa-psk
    psk=eight or more
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from estation_wire.network import Modem, Network, Wifi

FIRST_PRIORITY: Final = 9  # the profile's order: NetworkManager takes what is in reach with the highest
MULTIPLE: Final = 3  # NetworkManager's number for a connection that several devices may have at once
MODEM_METRIC: Final = 1000  # behind a cable's 100 and a wireless network's 600

Section = Mapping[str, str | int]


def keyfiles(network: Network) -> dict[str, str]:
    """The files by name; the same profile gives the same files."""
    made = {"wired.nmconnection": _wired()}
    made |= {
        f"wifi-{n}.nmconnection": _wifi(f"wifi-{n}", n, given)
        for n, given in enumerate(network.wifi)
        if not given.fault
    }
    if network.modem is not None:
        made["modem.nmconnection"] = _modem(network.modem)
    return made


def _wired() -> str:
    """Any cable, also a second one. NetworkManager would make one of its own, but lays it where these files are."""
    return _written({"connection": {**_named("wired", "ethernet"), "multi-connect": MULTIPLE}})


def _wifi(name: str, number: int, given: Wifi) -> str:
    letters = "".join(f"{byte};" for byte in given.ssid.encode())  # as numbers, no letter of it can end the line
    sections: dict[str, Section] = {
        "connection": {**_named(name, "wifi"), "autoconnect-priority": FIRST_PRIORITY - number},
        "wifi": {"ssid": letters, **({"hidden": "true"} if given.hidden else {})},
    }
    if given.passphrase:
        sections["wifi-security"] = {"key-mgmt": "wpa-psk", "psk": _escaped(given.passphrase)}
    return _written(sections)


def _modem(given: Modem) -> str:
    return _written(
        {
            "connection": _named("modem", "gsm"),
            "gsm": {"apn": given.apn},
            "ipv4": {"method": "auto", "route-metric": MODEM_METRIC},
            "ipv6": {"method": "auto", "route-metric": MODEM_METRIC},
        }
    )


def _named(name: str, kind: str) -> Section:
    return {"id": name, "uuid": str(uuid5(NAMESPACE_URL, f"estation:{name}")), "type": kind}


def _escaped(text: str) -> str:
    """As GLib's key files want it: a backslash doubled; a space by its own sign, since they strip the ends."""
    return text.replace("\\", "\\\\").replace(" ", "\\s")


def _written(sections: Mapping[str, Section]) -> str:
    blocks = [
        f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in told.items()) for name, told in sections.items()
    ]
    return "\n".join(blocks)
