"""The drawn scenes: one module each, and the heading that all of them wear."""

from __future__ import annotations

from typing import Final

from scripts.demo.drawing import Mark, Scene, box, ease, fill, text
from scripts.demo.scenes import earthquake, hands, moon, seed

ACCENT: Final = "e2725b"
LEFT, TOP = 104.0, 62.0  # inside what an old TV leaves of the picture
SCENES: Final[dict[str, tuple[Scene, tuple[str, str]]]] = {
    "hand-washing": (hands.hands, hands.SKY),
    "earthquake": (earthquake.earthquake, earthquake.SKY),
    "moon-phases": (moon.moon, moon.SKY),
    "seed-sprouts": (seed.seed, seed.SKY),
}


def headed(scene: Scene, series: str, title: str, *, ink: str) -> Scene:
    """The scene under its column's name and its title, written in the colour ``ink``."""

    def whole(t: float) -> list[Mark]:
        shown, slide = ease(t, 0.0, 0.5), 14 * (1 - ease(t, 0.0, 0.7))
        label = fill(box(LEFT, TOP, 148, 40, 20), ACCENT, shown)
        return [
            *scene(t),
            label,
            text((LEFT + 74, TOP + 20), series, 25, "ffffff", shown),
            text((LEFT, TOP + 88 + slide), title, 70, ink, shown, side=4),
        ]

    return whole
