"""What is said to people of delegates and of the network, as `said` does of a stick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from estation_box.library import said
from estation_box.library.said import Line
from estation_box.words import Said, say

TWO_PARENTS: Final = say("Two delegators name the role {role}; the library was not taken")
PORTAL: Final = say("The network wants a log-in: a web page came instead of the library")
UNREACHABLE: Final = say("The library's server cannot be reached; it is tried again")
BUSY: Final = say("The library's server is busy; it is tried again later")
WRONG_ANSWER: Final = say("The library's server answered wrongly; it is tried again")
NOT_SECURE: Final = say("The library's server is not the one that we know; nothing was read")
NOT_THERE: Final = say("There is no library at that address")
NOT_NOW: Final = say("Videos are fetched at the hours that are set for this site")
METERED: Final = say("This network costs by the byte: videos come by stick")
NETWORK_READS: Final = say("Nothing can be written to the library's server")
GIVES_WAY: Final = say("A stick comes first; the download goes on later")
NO_LIBRARY_ADDRESS: Final = say("The profile names no library on the network: use a stick")
WAITING: Final = say("The library's server asked to be called later; it is not yet time")
AWAY: Final = frozenset({PORTAL, UNREACHABLE, BUSY, WRONG_ANSWER, NOT_SECURE, GIVES_WAY})
"""Nothing at all can be had of the server now."""
_OF_A_SERVER: Final[Mapping[Said, Said]] = {
    said.EXPIRED: say("The library on the server has expired; tell the office"),
    said.OLDER: say("The server's library is older than the box's; it was not taken"),
    said.HALF_COPIED: say("The library on the server is not whole; tell the office"),
    said.ROOTS_MISSING: say("The server lacks a change of keys; tell the office"),
}


def of_server(line: Line) -> Line:
    """What is said of a stick, said of a server."""
    return line._replace(said=_OF_A_SERVER.get(line.said, line.said))
