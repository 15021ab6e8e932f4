"""What `estation hw-test` says to whoever stands before the board."""

from __future__ import annotations

from typing import Final

from estation_box.library.said import Said

NO_BOARD: Final = Said(
    "这台盒子没有扩展板（没有加载它的设备树），没有可测的；没有扩展板也能正常播放",
    "No carrier board here (its overlay is not loaded), nothing to test; the box plays without one",
)
CANNOT: Final = Said(
    "这一步做不了：{why}。如果 estation-core 正在运行，先执行 systemctl stop estation-core",
    "This step cannot be done: {why}. Where estation-core runs, stop it first: systemctl stop estation-core",
)

CLOCK: Final = Said("时钟芯片正常：{instant} UTC", "The clock chip answers: {instant} UTC")
CLOCK_UNSET: Final = Said(
    "时钟芯片有应答，但停过或没有设过时间：用 estation set-clock 设一次，断电再试；仍忘记时间就换电池",
    "The clock chip answers, but stood still or was never set: set it with `estation set-clock`, cut the power, try "
    "again; if it has forgotten, change the cell",
)
NO_CLOCK: Final = Said(
    "总线地址 0x68 上没有时钟芯片：查 3、5 脚的线（蓝、黄）和 1 脚的 3.3 V（棕）",
    "No clock chip at 0x68 of the bus: look at the wires of pins 3 and 5 (blue, yellow) and 3.3 V at pin 1 (brown)",
)

HELLO: Final = Said(
    "监护芯片有应答：程序版本 {version}，第 {starts} 次启动，状态 {phase}，供电 {supply} V，到派 {at_pi} V",
    "The supervisor answers: program {version}, start {starts}, state {phase}, supply {supply} V, at the Pi {at_pi} V",
)
GARBLED: Final = Said(
    "串口上有声音（{count} 字节），但不是监护芯片的话：查 8、10 脚的线和地线，或芯片里是别的程序",
    "There is something on the serial line ({count} bytes), but not a supervisor's words: look at the wires of pins 8 "
    "and 10 and at ground, or another program is in the chip",
)
LOW: Final = Said(
    "监护芯片有应答，但电压太低：供电 {supply} V，到派 {at_pi} V（至少 4.75 V）：换电源或粗一些的线，查 Q1",
    "The supervisor answers, but the voltage is low: supply {supply} V, at the Pi {at_pi} V (at least 4.75 V): another "
    "supply or thicker wires, and look at Q1",
)
SILENT: Final = Said(
    "串口上没有声音：没有装监护芯片（可以不装），或它没有程序，或 8、10 脚的线（橙、绿）接反了",
    "Nothing on the serial line: no supervisor is fitted (it may be left out), or it has no program, or the wires of "
    "pins 8 and 10 (orange, green) are crossed",
)

PRESS_NOW: Final = Said("请在 10 秒内按一下按钮", "Press the button within 10 seconds")
PRESSED: Final = Said("按钮正常", "The button works")
NOT_PRESSED: Final = Said(
    "没有收到按钮：查插头 J2 的 1、2 脚（黑、紫）", "No press was seen: look at contacts 1 and 2 of J2 (black, violet)"
)

LIGHT_ON: Final = Said("状态灯亮了吗？", "Does the status light shine?")
LIGHT_OFF: Final = Said("现在灭了吗？", "Is it dark now?")
LIGHT: Final = Said("状态灯正常", "The status light works")
NO_LIGHT: Final = Said(
    "状态灯不对：查插头 J2 的 3 脚（白），灯的正负极",
    "The status light is wrong: look at contact 3 of J2 (white), and which way the LED is",
)

RELAY_MAY: Final = Said("继电器会接通电视的电源，可以试吗？", "The relay will give the TV its mains: may it be tried?")
RELAY_ON: Final = Said("听到“嗒”一声，电视有电了吗？", "Did it click, and has the TV power?")
RELAY_OFF: Final = Said("又“嗒”一声，电视断电了吗？", "Did it click again, and is the TV without power?")
RELAY: Final = Said("继电器正常", "The relay works")
RELAY_LEFT: Final = Said("继电器没有试", "The relay was not tried")
NO_RELAY: Final = Said(
    "继电器不对：查插头 J3（红、黑、灰）；220 V 一侧只能由电工动手",
    "The relay is wrong: look at J3 (red, black, grey); the mains side is for an electrician only",
)

INFRARED: Final = Said("红外发射和接收正常", "Infrared works both ways")
INFRARED_LEFT: Final = Said(
    "红外由监护芯片管，它没有应答，没有试", "Infrared is the supervisor's, who does not answer: not tried"
)
OTHER_INFRARED: Final = Said(
    "接收头看到了信号（{count} 个脉冲），但不是发出的那一个：挡开日光灯和别的遥控器再试",
    "The receiver saw something ({count} pulses), but not what was sent: keep lamps and other remotes away, try again",
)
NO_INFRARED: Final = Said(
    "接收头没有看到发射管：查插头 J4，发射管的正负极，两者要看得见对方或同一面白墙",
    "The receiver does not see the LED: look at J4 and which way the LED is; both must see each other, or one wall",
)

YES_OR_NO: Final = Said("是请输 y，否请输 n：", "y for yes, n for no:")
ALL_WELL: Final = Said("试过的都正常", "All that was tried works")
SOME_WRONG: Final = Said(
    "有 {count} 项不正常，见上面标 FAULT 的行", "Steps that went wrong: {count}; see the lines marked FAULT"
)
