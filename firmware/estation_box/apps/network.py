"""``estation-network``: what the profile says of the network, put where NetworkManager and udev read it; then gone.

Root, since NetworkManager believes nobody else, with the one capability to read the box's papers, and no network.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from estation_box import settings
from estation_box.drivers import connections, identity
from estation_box.drivers.profile_store import load_profile
from estation_box.provisioning.connections import keyfiles
from estation_wire.network import Network


def main(root: Path = Path("/")) -> int:
    """0 when the files are as the profile says; a bare box has none."""
    try:
        profile = load_profile(settings.folders(os.environ).state, identity.serial())
        network = profile.network if profile is not None else Network()
        changed = connections.lay_down(root, keyfiles(network), network.modem.usb if network.modem else None)
    except (settings.SettingsError, OSError) as error:
        print(f"estation-network: {error}", file=sys.stderr)
        return 1
    print("estation-network: the network is another one" if changed else "estation-network: as it was")
    return 0


if __name__ == "__main__":
    sys.exit(main())
