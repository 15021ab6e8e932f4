"""What provisioning says besides `estation_box.library.said`."""

from __future__ import annotations

from typing import Final

from estation_box.library.said import Said

CHECK_CODE: Final = Said("核对码：{code}（与中心核对）", "Check code {code}: compare it with the office's")
NO_STICK: Final = Said("选站没有成功，请重新插入 U 盘", "The choice could not be kept; put the stick in again")
