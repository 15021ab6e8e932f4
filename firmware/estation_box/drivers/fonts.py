"""Fontconfig told which faces to take: Noto Sans CJK SC, Noto Naskh Arabic, and none that happens to be there.

libass falls back by the order of «sans-serif»; without this a Uyghur caption came in DejaVu Sans.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_CONFIGURATION: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <cachedir>/var/cache/fontconfig</cachedir>
  <cachedir>{cache}</cachedir>
  <alias binding="strong">
    <family>sans-serif</family>
    <prefer>
      <family>Noto Sans CJK SC</family>
      <family>Noto Naskh Arabic</family>
    </prefer>
  </alias>
</fontconfig>
"""


def pin(runtime: Path) -> None:
    """Write ``fonts.conf`` into the runtime directory and name it to fontconfig; before libmpv opens. `OSError`."""
    path = runtime / "fonts.conf"
    path.write_text(_CONFIGURATION.format(cache=runtime / "fontconfig"), encoding="utf-8")
    os.environ["FONTCONFIG_FILE"] = str(path)
