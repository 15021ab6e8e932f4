"""A TV that obeys CEC, by the box's own kernel: vivid has both ends of a lead, `cec-follower` is the TV's mind."""

from __future__ import annotations

from tests.support.machine_inside import Inside

SETTINGS = '[tv]\ncec = "/dev/cec1"\n'  # of the box; the first is the TV's own end of the lead
OURS = "1.0.0.0"  # the TV's first plug, where vivid's lead hangs
_TV = (
    "set -e; modprobe vivid; udevadm settle; v4l2-ctl -d0 -c hdmi_000_0_is_connected_to=2; "
    "cec-ctl -s -d0 --tv; (cec-follower -s -d0 >/run/tv 2>&1 &)"
)


class CecTv:
    """The TV on the box's lead."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    def plug_in(self) -> None:
        """It is there, and on; core is started anew, since it may open what the kernel had when it began."""
        self._inside.run(_TV)
        self._inside.run("systemctl restart estation-core.service")

    def lead(self) -> str:
        """What the box's end of the lead says of itself, its name among it."""
        return self._inside.run("cec-ctl -d1")

    def power(self) -> str:
        """What it answers when it is asked: on, standby, or on its way to one of them."""
        told = self._inside.tried("cec-ctl -s -d1 --to 0 --give-device-power-status")[1]
        return told.partition("pwr-state: ")[2].partition(" ")[0]

    def switch_off(self) -> None:
        """To standby."""
        self._inside.run("cec-ctl -s -d1 --to 0 --standby")

    def shows(self) -> str:
        """The plug whose picture was taken last."""
        return self._inside.run("grep -o 'New active source: .*' /run/tv | tail -1").split()[-1]
