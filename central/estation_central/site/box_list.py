"""All boxes: what each is, where it serves or served last, and the tap by which one comes back into use."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.registry import pool
from estation_central.registry.models import Box, BoxAssignment, Condition
from estation_central.registry.pool import State
from estation_central.site.page import page, part_of
from estation_central.stations import queries

SEARCHED: Final = 64  # characters; no serial number is longer
BUTTONS: Final[dict[tuple[State, Condition], Promise]] = {
    (State.REPAIR, Condition.GOOD): gettext_lazy("repaired: good again"),
    (State.REPAIR, Condition.SCRAPPED): gettext_lazy("beyond repair"),
    (State.STOLEN, Condition.GOOD): gettext_lazy("found again, and good"),
    (State.SPARE, Condition.REPAIR): gettext_lazy("broken"),
}


@require_safe
@needs(Right.SEE)
def boxes(request: HttpRequest) -> HttpResponse:
    """Fifty at a time, of one state, or with some words in serial number or station."""
    seen = scope.boxes(request.user)
    state, words = _state(request.GET.get("state", "")), request.GET.get("q", "").strip()[:SEARCHED]
    wanted = pool.found(seen, words) if words else seen
    wanted = pool.of_state(wanted, state) if state is not None else wanted
    part = part_of(request, wanted)
    counted = pool.counts(seen)
    return page(
        request,
        "boxes.html",
        {
            "part": part,
            "boxes": _lines(request, [box.pk for box in part]),
            "counts": [(each, counted[each]) for each in State],
            "state": state,
            "words": words,
        },
    )


def _lines(request: HttpRequest, serials: list[str]) -> list[dict[str, Any]]:
    """What stands in the list of some boxes, in their order."""
    rows = {box.pk: box for box in pool.with_last(Box.objects.filter(pk__in=serials))}
    told = BoxAssignment.objects.select_related("station", "station__site").in_bulk(
        [box.last for box in rows.values() if box.last is not None]  # type: ignore[attr-defined]  # asked for by with_last
    )
    may = set(scope.boxes(request.user, Right.FIT).filter(pk__in=serials).values_list("pk", flat=True))
    lasts = {each.box_id: each for each in told.values()}
    contacts = queries.contacts(each.station_id for each in told.values() if each.ended is None)
    lines = []
    for serial in serials:
        last = lasts.get(serial)
        serves = last is not None and last.ended is None
        state = pool.state_of(rows[serial], serves=serves)
        line = {"box": rows[serial], "state": state, "last": last, "serves": serves}
        if last is not None and serves:
            line["heard"] = contacts.get(last.station_id, queries.Contact()).heard
        if serial in may:
            line["buttons"] = [(to, BUTTONS[state, to]) for to in pool.NEXT.get(state, ())]
        lines.append(line)
    return lines


@require_POST
@needs(Right.FIT)
def box_condition(request: HttpRequest, serial: str) -> HttpResponse:
    """A box at no station is said to be good again, broken, or scrapped: one tap, and it is in the log."""
    box = get_object_or_404(scope.boxes(request.user, Right.FIT), serial=serial)
    if request.POST.get("to") not in Condition.values:
        raise Http404
    try:
        pool.become(box, Condition(request.POST["to"]))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It is in the books.") + f" {box.serial}")
    state = _state(request.POST.get("state", ""))
    return redirect(reverse("boxes") + (f"?{urlencode({'state': state.value})}" if state is not None else ""))


def _state(word: str) -> State | None:
    return State(word) if word in State.values else None
