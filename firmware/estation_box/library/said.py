"""What is said to people of a stick: one sentence in Chinese and in English, kept short.

A sentence fits the record `stick.seen` (96 characters); facts are put in with `about`, cut where they are long.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from estation_box.words import Said, say


class Line(NamedTuple):
    """One line of the receipt: a tick or a cross, and what happened."""

    ok: bool
    said: Said


NOT_OURS: Final = say("This is no E-Station stick: it has no folder ESTATION")
NO_LIBRARY: Final = say("There is no library on this stick")
UNSIGNED: Final = say("The library is not signed by our publisher; it was not taken")
EXPIRED: Final = say("The library on this stick has expired; make the stick again")
OLDER: Final = say("The library on this stick is older than the box's; it was not taken")
HALF_COPIED: Final = say("The library was half copied or damaged; make the stick again")
ROOTS_MISSING: Final = say("The library lacks a change of keys; make the stick again")
NEWER: Final = say("The library needs newer software; update this box first")
NO_TRUST: Final = say("This box lacks its publisher's root; install the image again")
LIBRARY_TAKEN: Final = say("The library is verified: version {version}")
RULE_BAD: Final = say("The rule {rule} cannot be understood; it was left out")

UNREADABLE: Final = say("Pulled too early, or cannot be read: put it in again and wait for the word")
NOT_PLAIN: Final = say("{name} on the stick is no plain file; it was not opened")
NTFS: Final = say("It is NTFS: in Windows right-click it, Format…, exFAT (or FAT32); then copy again")
NO_FILE_SYSTEM: Final = say("Not formatted, or broken: in Windows Format…, choose exFAT; then copy again")
STRANGE_FILE_SYSTEM: Final = say("It is {kind}, which is not read: format it as exFAT or FAT32; copy again")
MOUNT_REFUSED: Final = say("The stick cannot be opened: have a computer check and repair it, or take another")
READ_ONLY: Final = say("The stick is read-only; no receipt could be written")
STICK_FULL: Final = say("The stick is full; no receipt could be written")

CONTENT_TAKEN: Final = say("{count} new programmes were stored ({mib} MiB)")
CONTENT_HELD: Final = say("All {count} programmes are on the box")
CONTENT_MISSING: Final = say("{count} planned programmes are still missing: {title}")
CONTENT_SHORT: Final = say("{title} was half copied")
CONTENT_DAMAGED: Final = say("{title} is damaged; it was not taken")
CONTENT_STRANGE: Final = say("{title} is not a video or a picture; it was not taken")
BOX_FULL: Final = say("The box is full: {count} programmes were left out")
CARD_FULL: Final = say("The box's card is full; take a larger one")
CARD_DYING: Final = say("The box's card is wearing out: much of it is damaged; replace it")
FILMS_ROTTEN: Final = say("{count} programmes on the card are damaged and not shown; put the stick in again")
ROOM_MADE: Final = say("{count} programmes that are not needed made room")
BOX_FAULT: Final = say("The box's card cannot be written; replace the card")

RETIRED: Final = say("This box is bare again: name, key and certificate of {station} are gone")
RETIRE_LATER: Final = say("Records are still to go home, the box stays: take the stick to the office, then come again")
PROFILE_RETIRES: Final = say("The stick retires {station}; this box is another, nothing was done")
PROVISIONED: Final = say("This box is now {name} ({station})")
PROFILE_UNSIGNED: Final = say("The profile {station} is not signed by our association")
PROFILE_BROKEN: Final = say("The profile {station} cannot be understood")
PROFILE_OTHER: Final = say("The stick is for {other}; this box is {station} and stays so")
PROFILE_MISNAMED: Final = say("The profile {station} names another station inside")
PROFILE_EXPIRED: Final = say("The profile {station} has expired; make a new one")
PROFILE_USED: Final = say("The profile {station} was used; make a new one")
PROFILE_OLDER: Final = say("The profile {station} is older than this box's")
PROFILE_SEVERAL: Final = say("{count} unused profiles: choose at the TV; a short press is next, a long one is yes")
PROFILE_NO_KEYS: Final = say("Without a trusted library no profile can be checked")
REQUEST_LEFT: Final = say("The certificate request is on the stick; take it back")
CERTIFICATE_TAKEN: Final = say("The certificate is installed")
CERTIFICATE_OTHER: Final = say("The certificate is not for this box's key; it was not taken")

NO_NETWORK: Final = say("Only sticks are read here; the network is another process's")

READING: Final = say("Checking the stick …")
COPYING: Final = say("Loading {number}/{count} {title}")
FINISHING: Final = say("Nearly done, leave the stick in …")
LEAVE_IN: Final = say("leave the stick in")
READY: Final = say("Ready to play, you may pull the stick")
MORE_FOLLOWS: Final = say("while it stays in, the rest goes on")
RATE: Final = say("{rate} MB/s")
MINUTES_LEFT: Final = say("{left} min left")
SECONDS_LEFT: Final = say("{left} s left")
READ_TO_END: Final = say("The stick is read, you may pull it")
READ_BADLY: Final = say("You may pull the stick")
PULLED_READY: Final = say("Ready to play: this week's programmes are on the box")
WEEK_HELD: Final = say("This week's programmes are on the box; {count} more may follow another time")
