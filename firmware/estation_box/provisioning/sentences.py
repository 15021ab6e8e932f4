"""What provisioning says besides `estation_box.library.said`."""

from __future__ import annotations

from typing import Final

from estation_box.words import say

CHECK_CODE: Final = say("Check code {code}: compare it with the office's")
NO_STICK: Final = say("The choice could not be kept; put the stick in again")

TOKEN_USED: Final = say("A certificate was given to another box for this station; tell the office")
TOKEN_EXPIRED: Final = say("The profile's enrolment token has expired; make the stick again")
TOKEN_UNKNOWN: Final = say("The enrolment token was taken back; make the stick again")
REQUEST_WRONG: Final = say("The office refuses the request for a certificate; use a stick")
CENTRE_AWAY: Final = say("The office cannot be reached; the certificate is asked for later")
CENTRE_BUSY: Final = say("The office is busy; the certificate is asked for later")
CENTRE_STRANGE: Final = say("The office answered wrongly; it is asked again later")
CENTRE_OTHER: Final = say("This is not our office; no certificate was asked for")
CERTIFICATE_FETCHED: Final = say("The certificate came by network and is installed")
