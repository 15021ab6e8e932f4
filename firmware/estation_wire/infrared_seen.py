"""What an infrared receiver saw, and what is ordered of the supervisor: the Pi's half of `infrared`. Pure."""

from struct import pack

from estation_wire.infrared import NEC, NEC_US, RAW, RC5, RC5_US, RC6, RC6_START, RC6_US


def order(form: int, *numbers: int) -> bytes:
    """The payload of IR_SEND: NEC word; RC5 or RC6 toggle, address, command; RAW carrier in Hz, then pulses."""
    if form == NEC:
        return pack("<BI", form, *numbers)
    if form == RAW:
        return pack(f"<B{len(numbers)}H", form, *numbers)
    return pack("<BBBB", form, *numbers)


def understood(pulses: list[int]) -> tuple[int, ...] | None:
    """What a receiver saw: (NEC, word), (RC5, toggle, address, command) or (RC6, the same); None: keep it as raw.

    Receivers make pulses longer and spaces shorter by up to 150 us; so much is forgiven.
    """
    return _understood_nec(pulses) or _understood_rc5(pulses) or _understood_rc6(pulses)


def _near(length: int, wanted: int) -> bool:
    return abs(length - wanted) <= max(200, wanted // 5)


def _understood_nec(pulses: list[int]) -> tuple[int, ...] | None:
    if len(pulses) != 67 or not _near(pulses[0], 9000) or not _near(pulses[1], 4500):
        return None
    word = 0
    for place in range(2, 66, 2):
        if not _near(pulses[place], NEC_US) or not 300 < pulses[place + 1] < 2100:
            return None
        word = word << 1 | (pulses[place + 1] > 1125)
    return NEC, word


def _levels(pulses: list[int], unit: int, most: int) -> list[int]:
    """Each pulse and space as so many units; empty where a length is no multiple of the unit, or too much of it."""
    levels: list[int] = []
    for place, length in enumerate(pulses):
        count = (length + unit // 2) // unit
        if not 1 <= count <= most or abs(length - count * unit) > min(unit * 2 // 5, 250):
            return []
        levels += [1 - place & 1] * count
    return levels


def _bits(levels: list[int], one: int) -> int | None:
    """Manchester: the bits of pairs of levels; ``one`` is how a 1 begins. None where a pair does not change."""
    word = 0
    for place in range(0, len(levels), 2):
        if levels[place] == levels[place + 1]:
            return None
        word = word << 1 | (levels[place] == one)
    return word


def _understood_rc5(pulses: list[int]) -> tuple[int, ...] | None:
    levels = [0]  # the first half of the first bit is silence
    levels += _levels(pulses, RC5_US, 2)
    levels += [0] * (len(levels) & 1)
    word = _bits(levels, 0) if len(levels) == 28 else None
    if word is None:
        return None
    return RC5, word >> 11 & 1, word >> 6 & 0x1F, word & 0x3F | (0 if word & 0x1000 else 0x40)


def _understood_rc6(pulses: list[int]) -> tuple[int, ...] | None:
    levels = _levels(pulses, RC6_US, 6)
    levels += [0] * (len(levels) & 1)
    if len(levels) != 52 or levels[:16] != list(RC6_START):
        return None
    toggle, word = levels[16:20], _bits(levels[20:], 1)
    if word is None or toggle not in ([1, 1, 0, 0], [0, 0, 1, 1]):
        return None
    return RC6, toggle[0], word >> 8, word & 0xFF
