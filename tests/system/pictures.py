"""What the television's picture shows: the box's cards by their colours and places, films by comparing each frame."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageChops, ImageStat

from estation_box.playout import drawing
from tests.support.hall import LIGHT

SMALL, SEEN = (160, 90), (160, 60)  # what is compared: the upper part, below which a banner may lie
ROUGH, LIKELY = (16, 6), 12  # where to look: the frames that are likest at a size at which looking costs nothing
DARKEST = 40  # of 255: the night sky of the cards, before anything is drawn on it, is as dark
SAME = 5.0  # of 255, the mean difference: measured 2.7 for the very frame, 5.9 and more for the others of its film


def colour(ass: str) -> tuple[int, int, int]:
    blue, green, red = (int(ass[at : at + 2], 16) for at in (2, 4, 6))
    return red, green, blue


def near(picture: Image.Image, at: tuple[int, int], ass: str) -> bool:
    """Whether the colour is there, as far as a card may have wandered."""
    (x, y), most = at, drawing.MOST_SHIFT
    wanted = colour(ass)
    around = picture.crop((x - most, y - most, x + most + 1, y + most + 1)).getcolors(17 * 17) or []
    return any(all(abs(one - other) <= 6 for one, other in zip(each, wanted, strict=True)) for _, each in around)


def card(picture: Image.Image) -> bool:
    """A card of the box's own: its night sky, and its mark at the left above."""
    return picture.size == (drawing.WIDTH, drawing.HEIGHT) and near(picture, (30, 30), drawing.NIGHT)


def welcome(picture: Image.Image) -> bool:
    """The ring round the button is amber, the words beside it are not yet about anything else."""
    return card(picture) and near(picture, (250, 265), drawing.AMBER)


def named(picture: Image.Image) -> bool:
    """The card that says the box's new name: a green bar at its left, and no ring any more."""
    return near(picture, (101, 300), drawing.JADE) and not near(picture, (250, 265), drawing.AMBER)


def notice(picture: Image.Image) -> bool:
    """A banner with words that are no trouble: its green edge is at the left below."""
    return near(picture, (78, 620), drawing.JADE)


def copying(picture: Image.Image) -> bool:
    """A stick is being copied: a green bar that has begun, low on the screen."""
    return near(picture, (100, 640), drawing.JADE)


def trouble(picture: Image.Image) -> bool:
    """A banner whose edge is red: something is wrong, and the words beside it say what."""
    return near(picture, (78, 620), drawing.CORAL)


def fault(picture: Image.Image) -> bool:
    """The card of a box that cannot go on: a red bar at its left."""
    return card(picture) and near(picture, (101, 300), drawing.CORAL)


def silent(picture: Image.Image) -> bool:
    """Nothing to look at: one dark colour and no dot of another; or what QEMU says before a driver is there."""
    colours = picture.getcolors(1)
    return max(colours[0][1]) <= DARKEST if colours else _qemus_own(picture)


def _qemus_own(picture: Image.Image) -> bool:
    """«Guest has not initialized the display (yet).»: one row of grey words, in the size of no picture of the box."""
    colours = {colour for _, colour in picture.getcolors(2) or []}
    return picture.size == (640, 480) and colours == {(0, 0, 0), (170, 170, 170)} and in_rows(picture, 224, 240)


def in_rows(picture: Image.Image, top: int, bottom: int) -> bool:
    """Whether all that is not black lies between these two rows."""
    box = picture.getbbox()
    return box is not None and top <= box[1] and box[3] <= bottom


def console(picture: Image.Image) -> bool:
    """The kernel's text console with one line of light words in its tenth row, and nothing below."""
    line, below = picture.crop((0, 144, drawing.WIDTH, 160)), picture.crop((0, 192, drawing.WIDTH, drawing.HEIGHT))
    return min(most for _, most in line.getextrema()) > 100 and not any(most for _, most in below.getextrema())


class Frame(NamedTuple):
    """The frame of a film that is nearest to a picture, by its place in the film, and how far it is from it."""

    seconds: float
    distance: float


class Film:
    """A film's frames, to find those that are seen. ``rate``: how many a second."""

    def __init__(self, path: Path, rate: int = LIGHT) -> None:
        self._rate = rate
        scaled = f"scale={SMALL[0]}:{SMALL[1]}:flags=area:in_color_matrix=bt709,crop={SEEN[0]}:{SEEN[1]}:0:0"
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", scaled, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
        raw = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout
        size = SEEN[0] * SEEN[1] * 3
        self.frames = [Image.frombytes("RGB", SEEN, raw[at : at + size]) for at in range(0, len(raw), size)]
        self._rough = [rough(frame) for frame in self.frames]

    def find(self, picture: Image.Image) -> Frame:
        """The frame that the picture is likest to."""
        seen = small(picture)
        roughly = rough(seen)
        order = sorted(range(len(self.frames)), key=lambda number: apart(roughly, self._rough[number]))
        distance, number = min((difference(seen, self.frames[number]), number) for number in order[:LIKELY])
        return Frame(number / self._rate, distance)

    def on(self, picture: Image.Image) -> bool:
        """Whether the picture is a frame of it."""
        return self.find(picture).distance < SAME


def small(picture: Image.Image) -> Image.Image:
    return picture.resize(SMALL, Image.Resampling.BOX).crop((0, 0, *SEEN))


def rough(picture: Image.Image) -> Image.Image:
    return picture.resize(ROUGH, Image.Resampling.BOX)


def apart(one: Image.Image, other: Image.Image) -> int:
    """How different two rough pictures are, summed up: quicker than a mean where there are hundreds."""
    return sum(ImageChops.difference(one, other).tobytes())


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two small pictures, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3
