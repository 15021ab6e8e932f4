"""A few plain SVG shapes, enough for a report that opens in any browser."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

INK: Final = "#25303b"
FAINT: Final = "#8a949e"
GRID: Final = "#e3e7ea"
FONT: Final = "font-family=\"'Noto Sans','Noto Sans CJK SC',Arial,sans-serif\""


class Picture:
    """Shapes on white paper, from the top left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._shapes: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int = 12,
        anchor: str = "start",
        fill: str = INK,
        bold: bool = False,
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        shape = f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"{weight}>'
        self._shapes.append(f"{shape}{escape(words)}</text>")

    def title(self, english: str, chinese: str, y: float = 26) -> None:
        self.text(16, y, english, size=16, bold=True)
        self.text(self.width - 16, y, chinese, size=14, anchor="end", fill=FAINT)

    def rect(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        if width > 0 and height > 0:
            self._shapes.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'
            )

    def line(self, x: float, y: float, x2: float, y2: float, stroke: str = GRID) -> None:
        self._shapes.append(f'<path d="M{x:.1f} {y:.1f}L{x2:.1f} {y2:.1f}" stroke="{stroke}"/>')

    def curve(self, points: Sequence[tuple[float, float]], stroke: str) -> None:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self._shapes.append(f'<path d="M{path}" stroke="{stroke}" stroke-width="2.5" fill="none"/>')

    def pixels(
        self, at: tuple[float, float], width: float, height: float, rows: Sequence[bytes], colours: list[str]
    ) -> None:
        """One colour a cell; each byte of ``rows`` is a place in ``colours``."""
        image = base64.b64encode(_png(rows, colours)).decode()
        place = f'x="{at[0]}" y="{at[1]}" width="{width}" height="{height}" preserveAspectRatio="none"'
        self._shapes.append(f'<image {place} style="image-rendering:pixelated" href="data:image/png;base64,{image}"/>')

    def legend(self, x: float, y: float, entries: Sequence[tuple[str, str]], step: float = 0) -> None:
        """Coloured squares with their words, in one row."""
        for colour, words in entries:
            self.rect(x, y - 9, 10, 10, colour)
            self.text(x + 14, y, words, size=11)
            x += step or 26 + 6.2 * len(words)

    def below(self, other: Picture) -> Picture:
        """The two, one over the other."""
        both = Picture(max(self.width, other.width), self.height + other.height)
        both._shapes = [*self._shapes, f'<g transform="translate(0 {self.height})">', *other._shapes, "</g>"]
        return both

    def svg(self) -> str:
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" {FONT}>'
        paper = f'<rect width="{self.width}" height="{self.height}" fill="#fff"/>'
        return "\n".join([head, paper, *self._shapes, "</svg>\n"])


def _png(rows: Sequence[bytes], colours: list[str]) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    palette = b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", head), chunk(b"PLTE", palette), chunk(b"IDAT", body), chunk(b"IEND", b"")]
    )
