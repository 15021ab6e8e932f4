"""Why a bulletin was refused, here or by a box, in the reader's language."""

from __future__ import annotations

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from estation_wire.errors import NewerContractError, TooLargeError
from estation_wire.voices import LetterRefusedError, StrangeRoleError, TooFewSignedError, UnreadableLetterError

_STRANGE: Final = gettext_lazy("%(role)s does not speak to these places, as far as the library says.")
_TOO_FEW: Final = gettext_lazy("It is signed by %(given)s of the %(needed)s that %(role)s needs.")
_UNREADABLE: Final = gettext_lazy("It is no signed document, or was cut on its way.")
_BY_BOXES: Final[tuple[tuple[re.Pattern[str], Promise], ...]] = (
    (re.compile(r"this box has no profile yet"), gettext_lazy("The box has no profile yet: bring it a stick.")),
    (re.compile(r"it is not meant for this place"), gettext_lazy("It is not meant for the place of this box.")),
    (re.compile(r"it was over at (?P<hour>[-\d :]+) UTC"), gettext_lazy("It was over at %(hour)s UTC.")),
    (re.compile(r"those who signed it have ended it"), gettext_lazy("Those who signed it have ended it.")),
    (re.compile(r"(?P<role>\S+) does not speak to this place, as far as the library here knows"), _STRANGE),
    (re.compile(r"signed by (?P<given>\d+) of the (?P<needed>\d+) that (?P<role>\S+) needs"), _TOO_FEW),
    (
        re.compile(r"contract version \d+ is newer than \d+: .*"),
        gettext_lazy("The box is older than it: update the box."),
    ),
    (re.compile(r"bulletin: .*", re.DOTALL), _UNREADABLE),
)
"""What boxes say, word for word: those in the field go on saying it."""


def refused(error: LetterRefusedError) -> str:
    """Why what was brought here is not taken."""
    match error:
        case TooFewSignedError():
            return str(_TOO_FEW) % {"role": error.role, "given": error.given, "needed": error.needed}
        case StrangeRoleError():
            return str(_STRANGE) % {"role": error.role}
        case UnreadableLetterError(fault=TooLargeError() as fault):
            return _("It is larger than a signed document can be: %(limit)s bytes.") % {"limit": fault.limit}
        case UnreadableLetterError(fault=NewerContractError()):
            return _("It was made by a newer program: update the centre first.")
        case _other:
            return str(_UNREADABLE)


def by_box(reason: str) -> str:
    """Why a box refused it; what no box of ours says stands there as it came."""
    for said, words in _BY_BOXES:
        if told := said.fullmatch(reason):
            return str(words) % told.groupdict()
    return reason
