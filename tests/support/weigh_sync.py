"""Sync in a process of its own that says on its output how much memory it took at most, in KiB."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from estation_box.apps.sync import main

if __name__ == "__main__":
    code = main()
    print(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1))
    sys.exit(code)
