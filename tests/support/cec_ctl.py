"""A program that stands where `cec-ctl` does, before a TV of its own: its words are those of v4l-utils, its TV a file.

They are those of cec-ctl 1.30 in the image, before the kernel's own TV (vivid); no other TV was recorded. Beside it lie
``tv`` (power and input), ``bus`` (what a follower hears) and ``orders`` (the options of each call, a line each).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

HERE = Path(os.environ.get("CEC_FOLDER", "."))
NAMES = {0x04: "IMAGE_VIEW_ON", 0x36: "STANDBY", 0x8F: "GIVE_DEVICE_POWER_STATUS", 0x90: "REPORT_POWER_STATUS"}
PLACE = "Event: State Change: PA: 1.0.0.0, LA mask: 0x0010, Conn Info: yes"


def written(message: bytes, heading: str) -> str:
    raw = " ".join(f"0x{each:02x}" for each in message)
    letters = "".join(chr(each) if 32 <= each < 127 else " " for each in message)
    return f"{heading}: {NAMES.get(message[1], 'MESSAGE')} (0x{message[1]:02x})\n\tRaw: {raw} ({letters})\n"


def heard(message: bytes) -> None:
    """The TV says something that followers hear."""
    with (HERE / "bus").open("a") as bus:
        to = "all" if message[0] & 15 == 15 else "Playback Device 1"
        bus.write(written(message, f"Received from TV to {to} ({message[0] >> 4} to {message[0] & 15})"))


def follow() -> None:
    print(f"(warn: 0 events were lost)\nInitial {PLACE}\n\tTimestamp: 12.345s", flush=True)
    with (HERE / "bus").open() as bus:
        while True:
            print(bus.read(), end="", flush=True)
            time.sleep(0.01)


def obey(options: list[str]) -> None:
    power, shown = (HERE / "tv").read_text().split()
    print("\nTransmit from Playback Device 1 to TV (4 to 0):")
    if "--image-view-on" in options:
        power = "0"
    elif "--standby" in options:
        power = "1"
    elif "--active-source" in options:
        shown = "1000"
    elif "--inactive-source" in options:
        shown = "2000"
        heard(bytes((0x0F, 0x80, 0x10, 0, 0x20, 0)))
    elif "--give-device-power-status" in options:
        print("    Received from TV (0):\n    " + written(bytes((0x04, 0x90, int(power))), "REPORT"))
    elif "--give-audio-status" in options:
        print("\tSequence: 7 Tx Timestamp: 12.345s\n\tTx, Not Acknowledged (4), Max Retries")
    (HERE / "tv").write_text(f"{power} {shown}")


def main() -> None:
    options = sys.argv[1:]
    if "--wait-for-msgs" in options:
        follow()
    with (HERE / "orders").open("a") as orders:
        orders.write(" ".join(options) + "\n")
    if "--playback" not in options:
        obey(options)


if __name__ == "__main__":
    main()
