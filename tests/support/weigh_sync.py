"""Sync (or, as the first word says, fetch) in a process of its own that says on its output its most memory, in KiB."""

from __future__ import annotations

import re
import sys
from pathlib import Path

if __name__ == "__main__":
    if sys.argv[1:2] == ["fetch"]:
        from estation_box.apps.fetch import main

        del sys.argv[1]
    else:
        from estation_box.apps.sync import main
    code = main()
    print(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1))
    sys.exit(code)
