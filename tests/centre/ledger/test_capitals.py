"""Capital numerals, read back by another hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_central.ledger.capitals import MOST_FEN, in_capitals
from tests.support.wire_values import steady

VALUES = {word: value for value, word in enumerate("零壹贰叁肆伍陆柒捌玖")}


def read(words: str) -> int:
    """What a person reads, in fen: figures wait for their place, groups for their unit. Written without the writer."""
    whole, _, rest = words.removesuffix("整").rpartition("元")
    fen = 100 * _number(whole)
    for unit, worth in (("角", 10), ("分", 1)):
        if unit in rest:
            fen += VALUES[rest[rest.index(unit) - 1]] * worth
    return fen


def _number(words: str) -> int:
    for unit, worth in (("亿", 10**8), ("万", 10**4), ("仟", 1000), ("佰", 100), ("拾", 10)):
        high, found, low = words.rpartition(unit)
        if found:
            return _number(high) * worth + _number(low.removeprefix("零"))
    return VALUES[words] if words else 0


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (1000, "壹拾元整"),
        (20_000, "贰佰元整"),
        (100_500, "壹仟零伍元整"),
        (10_050_000, "壹拾万零伍佰元整"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (214_680_000, "贰佰壹拾肆万陆仟捌佰元整"),
        (10_000_000_001, "壹亿元零壹分"),
        (10**14, "壹万亿元整"),
        (123_456_789_012_345_678, "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌亿玖仟零壹拾贰万叁仟肆佰伍拾陆元柒角捌分"),
    ],
)
def test_what_vouchers_say(fen: int, words: str) -> None:
    """Amounts of the handbook, and the network's own three years."""
    assert in_capitals(fen) == words


@steady
@given(st.integers(0, MOST_FEN) | st.integers(0, 10**6) | st.integers(0, 10**9).map(lambda n: n * 10**5))
def test_every_amount_reads_back_as_itself(fen: int) -> None:
    """Another reader comes to the same fen; no two zeros stand together, none before a unit, and none begins."""
    words = in_capitals(fen)
    assert read(words) == fen
    assert "零零" not in words
    assert not any(f"零{unit}" in words for unit in "拾佰仟万亿角分") or fen == 0
    assert not words.startswith("零") or fen == 0


@pytest.mark.parametrize("fen", [-1, MOST_FEN + 1])
def test_what_cannot_be_written_is_refused(fen: int) -> None:
    """No amount is cut silently."""
    with pytest.raises(ValueError, match="cannot be written"):
        in_capitals(fen)
