"""libical, the C implementation of RFC 5545: a judge of recurrences that shares no line with ours. Debian's package."""

from __future__ import annotations

import ctypes
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIME: Final = ctypes.c_int64  # icaltime_t is time_t
_library: Final = ctypes.CDLL("libical.so.3")
_library.icalrecur_expand_recurrence.argtypes = [ctypes.c_char_p, _TIME, ctypes.c_int, ctypes.POINTER(_TIME)]
_library.icalrecur_expand_recurrence.restype = ctypes.c_int


def recurrences(rule: str, start: datetime, most: int) -> list[datetime]:
    """The first ``most`` wall times of an RRULE's value from ``start`` (wall time) on. It knows no time zone."""
    found = (_TIME * most)()
    begin = int((start.replace(tzinfo=UTC) - _EPOCH).total_seconds())
    assert _library.icalrecur_expand_recurrence(rule.encode(), begin, most, found) == 1, rule
    return [(_EPOCH + timedelta(seconds=each)).replace(tzinfo=None) for each in found if each]
