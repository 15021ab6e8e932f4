"""What a year's subsidies came to, and what a session and an attendance cost: for those who keep the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from msgspec import Struct

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import figures
from estation_central.compliance.figures import By
from estation_central.ledger import batches, rules
from estation_central.ledger.models import Batch, Payment
from estation_central.site.ledger import YEARS
from estation_central.site.page import page, part_of


class Costs(Struct, frozen=True, kw_only=True):
    """A year of the sites whose ledger one keeps: yuan on the one side, what was shown there on the other.

    An attendance that nobody told costs nothing and is no attendance: ``attendances`` is None where nobody told any.
    """

    payments: int
    decided: Decimal
    paid: Decimal
    sessions: int
    attendances: int | None
    told: int
    session: Decimal | None
    attendance: Decimal | None


def of_year(user: scope.Anybody, year: int) -> Costs | None:
    """The year of one's own sites; None for somebody who keeps no ledger."""
    if not scope.may(user, Right.LEDGER):
        return None
    sites = scope.sites(user, Right.LEDGER)
    ours = Payment.objects.filter(site__in=sites.order_by().values("pk"))
    due = Q(due=True)
    sums = ours.filter(year=year).aggregate(
        payments=Count("pk", filter=due),
        decided=Sum("fen"),
        paid=Sum("fen", filter=due & Q(batch__paid__isnull=False)),
    )
    shown = figures.sessions(By.KIND, date(year, 1, 1), date(year, 12, 31), sites=sites)
    sessions, numbers = sum(each.sessions for each in shown), [each.attendances for each in shown]
    told = [each for each in numbers if each is not None]
    attendances = sum(told) if told else None
    nothing = None, None  # what was not decided yet has cost nobody anything
    session, attendance = batches.costs(year, sessions, attendances, ours) if sums["payments"] else nothing
    return Costs(
        payments=sums["payments"],
        decided=rules.yuan(sums["decided"] or 0),
        paid=rules.yuan(sums["paid"] or 0),
        sessions=sessions,
        attendances=attendances,
        told=sum(each.told for each in shown),
        session=session,
        attendance=attendance,
    )


@require_safe
@needs(Right.LEDGER)
def ledger_year(request: HttpRequest, year: int) -> HttpResponse:
    """What was decided and paid for a year, what it bought, and the batches in which it stands."""
    if not YEARS[0] <= year <= YEARS[1]:
        raise Http404
    sites = scope.sites(request.user, Right.LEDGER)
    mine = Q(payments__year=year, payments__site__in=sites.order_by().values("pk"))
    made = Batch.objects.filter(mine).annotate(
        fen=Sum("payments__fen", filter=mine), yes=Count("payments", filter=mine & Q(payments__due=True))
    )
    part = part_of(request, made.order_by("-pk"))
    rows = [(each, rules.yuan(each.fen or 0)) for each in part]
    words = {"year": year, "costs": of_year(request.user, year), "part": part, "batches": rows}
    return page(request, "ledger_year.html", words)
