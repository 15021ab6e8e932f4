"""What the supervisor keeps over its own restarts: 11 bytes with a checksum. Pure; `board` knows where they lie."""

from binascii import crc32
from struct import pack, unpack

_FORM = "<HIB"
SIZE = 11


def packed(starts: int, cuts: int, recent: int) -> bytes:
    """Starts and cuts since it was built, and the cuts within the last hour."""
    body = pack(_FORM, starts & 0xFFFF, cuts, recent)
    return body + pack("<I", crc32(body) & 0xFFFFFFFF)


def unpacked(data: bytes) -> tuple[int, int, int]:
    """What was packed; zeros where nothing was kept, or it is damaged: then the box is guarded as if it were new."""
    if len(data) != SIZE or unpack("<I", data[7:])[0] != crc32(data[:7]) & 0xFFFFFFFF:
        return 0, 0, 0
    return unpack(_FORM, data[:7])
