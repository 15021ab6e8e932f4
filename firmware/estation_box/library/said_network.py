"""What is said to people of delegates and of the network, as `said` does of a stick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from estation_box.library import said
from estation_box.library.said import Line, Said

TWO_PARENTS: Final = Said(
    "两个单位同时委托了“{role}”，节目库未采用", "Two delegators name the role {role}; the library was not taken"
)
PORTAL: Final = Said(
    "网络要先登录：收到的是登录网页，不是节目库", "The network wants a log-in: a web page came instead of the library"
)
UNREACHABLE: Final = Said("连不上节目库的服务器，稍后再试", "The library's server cannot be reached; it is tried again")
BUSY: Final = Said("节目库的服务器忙，稍后再试", "The library's server is busy; it is tried again later")
WRONG_ANSWER: Final = Said("服务器的回答不对，稍后再试", "The library's server answered wrongly; it is tried again")
NOT_SECURE: Final = Said(
    "服务器的证书不对，未连接", "The library's server is not the one that we know; nothing was read"
)
NOT_THERE: Final = Said("服务器上没有节目库", "There is no library at that address")
NOT_NOW: Final = Said("节目在规定的时段下载", "Videos are fetched at the hours that are set for this site")
METERED: Final = Said("流量网络：节目只从 U 盘取", "This network costs by the byte: videos come by stick")
NETWORK_READS: Final = Said("网络上不能写回执", "Nothing can be written to the library's server")
GIVES_WAY: Final = Said("先让给 U 盘，节目稍后再下载", "A stick comes first; the download goes on later")
NO_LIBRARY_ADDRESS: Final = Said(
    "站点档案里没有节目库的网址，请插节目 U 盘", "The profile names no library on the network: use a stick"
)
WAITING: Final = Said(
    "服务器请本机晚些再来，还没到时间", "The library's server asked to be called later; it is not yet time"
)
AWAY: Final = frozenset({PORTAL, UNREACHABLE, BUSY, WRONG_ANSWER, NOT_SECURE, GIVES_WAY})
"""Nothing at all can be had of the server now."""
_OF_A_SERVER: Final[Mapping[Said, Said]] = {
    said.EXPIRED: Said("服务器上的节目库已过期，请告诉中心", "The library on the server has expired; tell the office"),
    said.OLDER: Said(
        "服务器上的节目库比本机的旧，未采用", "The server's library is older than the box's; it was not taken"
    ),
    said.HALF_COPIED: Said(
        "服务器上的节目库不完整，请告诉中心", "The library on the server is not whole; tell the office"
    ),
    said.ROOTS_MISSING: Said(
        "服务器上缺少密钥更换文件，请告诉中心", "The server lacks a change of keys; tell the office"
    ),
}


def of_server(line: Line) -> Line:
    """What is said of a stick, said of a server."""
    return line._replace(said=_OF_A_SERVER.get(line.said, line.said))
