"""A site's poster as a picture to post in a chat group, by Pillow and Debian's Noto faces.

Chinese is set in Noto Sans CJK, Uyghur, Kazakh and Kyrgyz in Noto Naskh Arabic from right to left. Where the faces are
not installed there is no picture: `drawable` says so, and the poster is printed or photographed as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import segno
from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont, features

WIDTH: Final = 1080  # pixels: what chat programs show without making it smaller
MARGIN: Final = 90
MOST_LINES: Final = 3  # of a name; what is longer is cut
CODE: Final = 320  # the side of the code; it is read from a screen at arm's length
COLOURS: Final = 16  # smooth letters in four inks; so it weighs some tens of kB
PAPER, INK, QUIET, GREEN = "#ffffff", "#1d2420", "#5d6862", "#17694f"
_FACES: Final = Path("/usr/share/fonts")
_CJK: Final = _FACES / "opentype/noto/NotoSansCJK-Bold.ttc"
_ARABIC: Final = _FACES / "truetype/noto/NotoNaskhArabic-Bold.ttf"
_SIMPLIFIED: Final = 2  # which face of the collection is drawn as people of the mainland write
_LETTER: Final = r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"
_ARABIC_RUN: Final = re.compile(rf"{_LETTER}+(?:[\s-]+{_LETTER}+)*")
_SIGN: Final = r"\u3000-\u9fff\uac00-\ud7a3\uff01-\uffef"  # a line may be broken before and after each of them
_PIECE: Final = re.compile(rf"[{_SIGN}]|[^\s{_SIGN}]+|\s+")


class Poster(Struct, frozen=True, kw_only=True):
    """What stands on it, in the reader's words. ``rows``: what was shown; ``address``: what the code opens."""

    title: str
    place: str
    coming: str
    heading: str
    rows: Sequence[str]
    address: str


def drawable() -> bool:
    """Whether the faces are there, and letters are joined as Arabic ones must be."""
    return _CJK.is_file() and _ARABIC.is_file() and bool(features.check("raqm"))


def png(poster: Poster) -> bytes:
    """The picture."""
    pen = _Pen()
    lines = list(_lines(poster, pen))
    code = _code(poster.address)
    image = Image.new("RGB", (WIDTH, sum(line.tall for line in lines) + code.height + 2 * MARGIN), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((24, 24, WIDTH - 24, image.height - 24), 36, outline=GREEN, width=8)
    top = MARGIN
    for line in lines:
        pen.write(draw, line, top)
        top += line.tall
    image.paste(code, ((WIDTH - code.width) // 2, top))
    made = BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "PNG")
    return made.getvalue()


class _Line(Struct, frozen=True, kw_only=True):
    text: str
    size: int
    ink: str
    after: int

    @property
    def tall(self) -> int:
        """Pixels down to the next one."""
        return self.size * 4 // 3 + self.after


class _Pen:
    """Sets lines of several scripts; it reads each face once."""

    def __init__(self) -> None:
        self._faces: dict[tuple[int, bool], ImageFont.FreeTypeFont] = {}

    def wrapped(self, text: str, size: int) -> list[str]:
        """``text`` in lines that fit, one at least and at most `MOST_LINES`; a word is never divided."""
        lines = [""]
        for piece in _PIECE.findall(text):
            if lines[-1].strip() and self._width(lines[-1] + piece, size) > WIDTH - 2 * MARGIN:
                lines.append("")
            lines[-1] += piece
        told = [line.strip() for line in lines]
        return told if len(told) <= MOST_LINES else [*told[: MOST_LINES - 1], f"{told[MOST_LINES - 1][:-1]}…"]

    def write(self, draw: ImageDraw.ImageDraw, line: _Line, top: int) -> None:
        """In the middle; all scripts of a line stand on one foot."""
        left = (WIDTH - self._width(line.text, line.size)) / 2
        for run, arabic in _runs(line.text):
            face = self._face(line.size, arabic=arabic)
            draw.text((left, top + line.size), run, fill=line.ink, font=face, anchor="ls")
            left += face.getlength(run)

    def _width(self, text: str, size: int) -> float:
        return sum(self._face(size, arabic=arabic).getlength(run) for run, arabic in _runs(text))

    def _face(self, size: int, *, arabic: bool) -> ImageFont.FreeTypeFont:
        if (size, arabic) not in self._faces:
            path, index = (_ARABIC, 0) if arabic else (_CJK, _SIMPLIFIED)
            self._faces[size, arabic] = ImageFont.truetype(path, size, index=index)
        return self._faces[size, arabic]


def _lines(poster: Poster, pen: _Pen) -> Iterator[_Line]:
    yield _Line(text="科普e站 · E-Station", size=36, ink=GREEN, after=30)
    for told in pen.wrapped(poster.title, 76):
        yield _Line(text=told, size=76, ink=INK, after=0)
    yield _Line(text=pen.wrapped(poster.place, 36)[0], size=36, ink=QUIET, after=30)
    yield _Line(text=poster.coming, size=44, ink=GREEN, after=40)
    yield _Line(text=poster.heading, size=44, ink=INK, after=10)
    for row in poster.rows:
        yield _Line(text=pen.wrapped(row, 38)[0], size=38, ink=INK, after=8)


def _runs(text: str) -> list[tuple[str, bool]]:
    """Parts of one script in the order in which they stand from left to right; whether each is Arabic."""
    runs, at = list[tuple[str, bool]](), 0
    for found in _ARABIC_RUN.finditer(text):
        runs += [(text[at : found.start()], False)] if found.start() > at else []
        runs.append((found[0], True))
        at = found.end()
    runs += [(text[at:], False)] if at < len(text) else []
    return runs[::-1] if runs and runs[0][1] else runs


def _code(address: str) -> Image.Image:
    """What a telephone reads, with the white border that it needs."""
    rows = [bytes(0 if dark else 255 for dark in row) for row in segno.make(address, error="m").matrix_iter(border=4)]
    small = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    times = CODE // small.width
    return small.resize((small.width * times, small.height * times), Image.Resampling.NEAREST).convert("RGB")
