"""An amount in the capital numerals that Chinese vouchers ask for: 2,146,800.00 is 贰佰壹拾肆万陆仟捌佰元整. Pure.

The rules are those of the Ministry of Finance and the People's Bank for bills: whatever ends at yuan or jiao closes
with 整, zeros between figures are one 零, also where they stand between yuan and fen.
"""

from __future__ import annotations

from typing import Final

DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
PLACES: Final = ("", "拾", "佰", "仟")
GROUPS: Final = ("", "万", "亿", "万亿")
MOST_FEN: Final = 10**18 - 1  # four groups of yuan; above it stands no budget of ours


def in_capitals(fen: int) -> str:
    """``fen`` in words; raises `ValueError` where it is negative or has more than sixteen figures of yuan."""
    if not 0 <= fen <= MOST_FEN:
        msg = f"{fen} fen cannot be written: 0 to {MOST_FEN}"
        raise ValueError(msg)
    yuan, rest = divmod(fen, 100)
    jiao, odd = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{words or '零元'}整"
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif yuan:
        words += DIGITS[0]
    return f"{words}{DIGITS[odd]}分" if odd else f"{words}整"


def _whole(number: int) -> str:
    """A number above 0, group by group of four figures; ``gap``: a zero stands before what comes next."""
    words, gap = "", False
    for place in reversed(range(len(GROUPS))):
        group = number // 10_000**place % 10_000
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += DIGITS[0]
        words += _group(group) + _unit(place, number)
        gap = False
    return words


def _unit(place: int, number: int) -> str:
    """万, 亿 or nothing; of ten thousand 亿 the 亿 is said once, by the group below, where there is one."""
    if place == 3 and number // 10_000**2 % 10_000:
        return "万"
    return GROUPS[place]


def _group(group: int) -> str:
    """Up to four figures, such as 贰仟零伍."""
    words, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(words)
            continue
        words += (DIGITS[0] if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return words
