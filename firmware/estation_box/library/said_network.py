"""What is said to people of delegates and of the network, as `said` does of a stick."""

from __future__ import annotations

from typing import Final

from estation_box.library.said import Said

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
