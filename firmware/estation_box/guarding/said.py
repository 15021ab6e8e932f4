"""What `estation-safe` says on the screen."""

from __future__ import annotations

from typing import Final

from estation_box.library.said import Said

TITLE: Final = Said("盒子出了故障", "This box has a fault")
WORDS: Final = Said(
    "{unit} 反复失败。盒子会自己再试，请不要拔掉电源。一天后还是这样，请联系管理员。",
    "{unit} failed again and again. The box tries again by itself: leave it on. Tomorrow as well? Call the office.",
)
CONSOLE: Final = "E-Station: {unit} failed again and again. The box tries again by itself: leave the power on."
