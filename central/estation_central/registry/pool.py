"""Boxes as they are now: which serve, which lie in the spare pool, which are away; and how one comes back into use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from estation_central.registry.models import Box, BoxAssignment, Condition


class State(TextChoices):
    """What a box is to the network; every box is one of these."""

    SERVING = "serving", gettext_lazy("in service")
    SPARE = "spare", gettext_lazy("spare")
    REPAIR = "repair", gettext_lazy("in repair")
    STOLEN = "stolen", gettext_lazy("stolen or lost")
    SCRAPPED = "scrapped", gettext_lazy("scrapped")


NEXT: Final[Mapping[State, tuple[Condition, ...]]] = {
    State.SPARE: (Condition.REPAIR,),
    State.REPAIR: (Condition.GOOD, Condition.SCRAPPED),
    State.STOLEN: (Condition.GOOD,),
}
"""What a box at no station may be said to be, of what it is. One that serves is taken from its station first."""
_SERVES: Final = Exists(BoxAssignment.objects.filter(box=OuterRef("pk"), ended=None))
_IS: Final[Mapping[State, Q]] = {
    State.SERVING: Q(_SERVES),
    State.SPARE: Q(~_SERVES, condition=Condition.GOOD),
    **{State(each): Q(~_SERVES, condition=each) for each in (Condition.REPAIR, Condition.STOLEN, Condition.SCRAPPED)},
}


def with_last(boxes: QuerySet[Box]) -> QuerySet[Box]:
    """Boxes with ``last``: which row tells of the station that they serve, or served last; none never served."""
    newest = BoxAssignment.objects.filter(box=OuterRef("pk")).order_by("-began", "-id").values("pk")[:1]
    return boxes.annotate(last=Subquery(newest))


def of_state(boxes: QuerySet[Box], state: State) -> QuerySet[Box]:
    """Those that are in one state."""
    return boxes.filter(_IS[state])


def found(boxes: QuerySet[Box], words: str) -> QuerySet[Box]:
    """Those whose serial number, or the station that they serve now, has these words in it."""
    serve = BoxAssignment.objects.filter(box=OuterRef("pk"), ended=None, station__name__icontains=words)
    return boxes.filter(Q(serial__icontains=words) | Q(Exists(serve)))


def counts(boxes: QuerySet[Box]) -> dict[State, int]:
    """How many are in each state."""
    told = boxes.order_by().aggregate(**{state.value: Count("pk", filter=_IS[state]) for state in State})
    return {state: told[state.value] for state in State}


def state_of(box: Box, *, serves: bool) -> State:
    """What one box is."""
    if serves:
        return State.SERVING
    return State.SPARE if box.condition == Condition.GOOD else State(box.condition)


@transaction.atomic
def become(box: Box, condition: Condition) -> None:
    """A box at no station is repaired, found, broken or scrapped. Raises `ValidationError` where it cannot be that."""
    box = Box.objects.select_for_update().get(pk=box.pk)
    serves = BoxAssignment.objects.filter(box=box, ended=None).first()
    if serves is not None:
        words = {"box": box, "station": serves.station_id}
        raise ValidationError(_("Box %(box)s serves %(station)s: take it from there first.") % words)
    state = state_of(box, serves=False)
    if condition not in NEXT.get(state, ()):
        words = {"box": box, "state": state.label}
        raise ValidationError(_("Box %(box)s is %(state)s and cannot become that.") % words)
    box.condition = condition
    box.save()
