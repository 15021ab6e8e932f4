"""What provisioning says besides `estation_box.library.said`."""

from __future__ import annotations

from typing import Final

from estation_box.library.said import Said

CHECK_CODE: Final = Said("核对码：{code}（与中心核对）", "Check code {code}: compare it with the office's")
NO_STICK: Final = Said("选站没有成功，请重新插入 U 盘", "The choice could not be kept; put the stick in again")

TOKEN_USED: Final = Said(
    "证书已经签给另一台盒子，请告诉中心", "A certificate was given to another box for this station; tell the office"
)
TOKEN_EXPIRED: Final = Said(
    "档案里的入网凭证过期了，请重新制作 U 盘", "The profile's enrolment token has expired; make the stick again"
)
TOKEN_UNKNOWN: Final = Said(
    "档案里的入网凭证已作废，请重新制作 U 盘", "The enrolment token was taken back; make the stick again"
)
REQUEST_WRONG: Final = Said(
    "中心不认这份证书申请，请用 U 盘", "The office refuses the request for a certificate; use a stick"
)
CENTRE_AWAY: Final = Said(
    "连不上中心，证书稍后再取", "The office cannot be reached; the certificate is asked for later"
)
CENTRE_BUSY: Final = Said("中心忙，证书稍后再取", "The office is busy; the certificate is asked for later")
CENTRE_STRANGE: Final = Said("中心的回答不对，证书稍后再取", "The office answered wrongly; it is asked again later")
CENTRE_OTHER: Final = Said("对方不是我们的中心，没有申请证书", "This is not our office; no certificate was asked for")
CERTIFICATE_FETCHED: Final = Said("证书已从网络装入", "The certificate came by network and is installed")
