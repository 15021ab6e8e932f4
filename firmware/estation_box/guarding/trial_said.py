"""What `estation hw-test` says to whoever stands before the board."""

from __future__ import annotations

from typing import Final

from estation_box.words import say

NO_BOARD: Final = say("No carrier board here (its overlay is not loaded), nothing to test; the box plays without one")
CANNOT: Final = say(
    "This step cannot be done: {why}. Where estation-core runs, stop it first: systemctl stop estation-core"
)

CLOCK: Final = say("The clock chip answers: {instant} UTC")
CLOCK_UNSET: Final = say(
    "The clock chip answers, but stood still or was never set: set it with `estation set-clock`, cut the power, try "
    "again; if it has forgotten, change the cell"
)
NO_CLOCK: Final = say(
    "No clock chip at 0x68 of the bus: look at the wires of pins 3 and 5 (blue, yellow) and 3.3 V at pin 1 (brown)"
)

HELLO: Final = say(
    "The supervisor answers: program {version}, start {starts}, state {phase}, supply {supply} V, at the Pi {at_pi} V"
)
GARBLED: Final = say(
    "There is something on the serial line ({count} bytes), but not a supervisor's words: look at the wires of pins "
    "8 and 10 and at ground, or another program is in the chip"
)
LOW: Final = say(
    "The supervisor answers, but the voltage is low: supply {supply} V, at the Pi {at_pi} V (at least 4.75 V): "
    "another supply or thicker wires, and look at Q1"
)
SILENT: Final = say(
    "Nothing on the serial line: no supervisor is fitted (it may be left out), or it has no program, or the wires of "
    "pins 8 and 10 (orange, green) are crossed"
)

PRESS_NOW: Final = say("Press the button within 10 seconds")
PRESSED: Final = say("The button works")
NOT_PRESSED: Final = say("No press was seen: look at contacts 1 and 2 of J2 (black, violet)")

LIGHT_ON: Final = say("Does the status light shine?")
LIGHT_OFF: Final = say("Is it dark now?")
LIGHT: Final = say("The status light works")
NO_LIGHT: Final = say("The status light is wrong: look at contact 3 of J2 (white), and which way the LED is")

RELAY_MAY: Final = say("The relay will give the TV its mains: may it be tried?")
RELAY_ON: Final = say("Did it click, and has the TV power?")
RELAY_OFF: Final = say("Did it click again, and is the TV without power?")
RELAY: Final = say("The relay works")
RELAY_LEFT: Final = say("The relay was not tried")
NO_RELAY: Final = say("The relay is wrong: look at J3 (red, black, grey); the mains side is for an electrician only")

INFRARED: Final = say("Infrared works both ways")
INFRARED_LEFT: Final = say("Infrared is the supervisor's, who does not answer: not tried")
OTHER_INFRARED: Final = say(
    "The receiver saw something ({count} pulses), but not what was sent: keep lamps and other remotes away, try again"
)
NO_INFRARED: Final = say(
    "The receiver does not see the LED: look at J4 and which way the LED is; both must see each other, or one wall"
)

YES_OR_NO: Final = say("y for yes, n for no:")
ALL_WELL: Final = say("All that was tried works")
SOME_WRONG: Final = say("Steps that went wrong: {count}; see the lines marked FAULT")
