"""The pages of alerts: what stands, who has taken it up, what is kept quiet, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.alerts import seeing, service, wording
from estation_central.alerts.models import AlertSilence
from estation_central.alerts.rules import Kind
from estation_central.site.page import page, part_of

ON_A_PAGE: Final = 25  # each has two forms, a kilobyte
SILENT_DAYS: Final = 60  # a repair, a summer; what is longer is no alert's matter


class SilenceForm(forms.Form):
    """For how long an alert is kept quiet, and why."""

    days = forms.IntegerField(
        label=gettext_lazy("days"), initial=7, validators=[MinValueValidator(1), MaxValueValidator(SILENT_DAYS)]
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)


@require_safe
@needs(Right.SEE)
def alerts(request: HttpRequest) -> HttpResponse:
    """What stands, the newest first."""
    standing = seeing.alerts(request.user, Right.SEE).order_by("-began", "kind", "subject")
    part = part_of(request, standing, ON_A_PAGE)
    rows = list(part)
    lines = zip(rows, service.lines_of(rows, ordered=False), strict=True)
    allowed = set(
        seeing.alerts(request.user, Right.ATTEND).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    silent = AlertSilence.objects.filter(until__gt=datetime.now(UTC), subject__in=[row.subject for row in rows])
    words = {"part": part, "alerts": list(lines), "allowed": allowed, "silent": silent}
    return page(request, "alerts.html", words)


@require_POST
@needs(Right.ATTEND)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has taken it up: it goes to nobody else."""
    found = get_object_or_404(seeing.alerts(request.user, Right.ATTEND), pk=pk)
    if found.acknowledged is None:
        found.acknowledged, found.by = datetime.now(UTC), _user(request)
        found.save(update_fields=["acknowledged", "by"])
    return redirect("alerts")


@require_POST
@needs(Right.ATTEND)
def silence(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep this kind of alert of this subject quiet for some days, with a reason."""
    found = get_object_or_404(seeing.alerts(request.user, Right.ATTEND), pk=pk)
    form = SilenceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A silence has 1 to %(days)d days and a reason.") % {"days": SILENT_DAYS})
        return redirect("alerts")
    until = datetime.now(UTC) + timedelta(days=form.cleaned_data["days"])
    words = {"kind": found.kind, "subject": found.subject, "reason": form.cleaned_data["reason"], "by": _user(request)}
    AlertSilence.objects.create(until=until, **words)
    return redirect("alerts")


@require_safe
@needs(Right.SEE)
def silences(request: HttpRequest) -> HttpResponse:
    """What is kept quiet now, the next to end first; whoever may keep it quiet may let it be told again."""
    now = datetime.now(UTC)
    part = part_of(request, seeing.silences(request.user, Right.SEE, now))
    mine = seeing.silences(request.user, Right.ATTEND, now).filter(pk__in=[each.pk for each in part])
    allowed = set(mine.values_list("pk", flat=True))
    rows = [(each, each.pk in allowed, wording.NAMES[Kind(each.kind)] if each.kind else "") for each in part]
    return page(request, "silences.html", {"part": part, "silences": rows})


@require_POST
@needs(Right.ATTEND)
def end_silence(request: HttpRequest, pk: int) -> HttpResponse:
    """It is told again from the next pass on; the silence stays in the log."""
    now = datetime.now(UTC)
    found = get_object_or_404(seeing.silences(request.user, Right.ATTEND, now), pk=pk)
    found.until = now
    found.save(update_fields=["until"])
    messages.success(request, _("It is told again."))
    return redirect("silences")


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
