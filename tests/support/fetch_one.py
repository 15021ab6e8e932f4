"""One content by network into the box's cache, as a process that may be killed: URL, cache, id, size.

Says at its end how much memory it took at most, in KiB; exit status 1 where the line fails for long.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.http import HttpSource, Server
from estation_box.drivers.tuf import TufClient
from estation_box.library.interfaces import SyncError, Wanted
from estation_wire import blocks
from estation_wire import stick as layout


def main(url: str, cache: Path, content: str, size: int) -> int:
    assert TufClient  # its memory is the box's too
    with HttpSource(Server(url), random.Random()) as http:
        try:
            raw = http.read(layout.block_list(content), blocks.MAX_BLOCKS * blocks.DIGEST_BYTES)
            wanted = Wanted(id=content, size=size, blocks=blocks.split(raw, content=content, size=size))
            with http.open(layout.content(content)) as file:
                ContentStore(cache, 0).take(wanted, file, lambda _: None)
        except SyncError as error:
            print(error, file=sys.stderr)
            return 1
    print(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
