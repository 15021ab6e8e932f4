"""Makes payment batches from what was reckoned, takes receipts, and says what is overdue and what is left."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from auditlog.models import LogEntry
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from estation_central.compliance.models import SiteVerdict
from estation_central.compliance.rooms import Cause, Lost
from estation_central.ledger import rules, sheet
from estation_central.ledger.models import FROM_THE_BEGINNING, Batch, Budget, ExcusedWeek, LedgerTerms, Payment, Receipt
from estation_central.ledger.rules import Decision, Terms, Week
from estation_central.registry.models import Site
from estation_wire.counts import Verdict

AT_ONCE: Final = 500  # sites in one question


class LedgerError(Exception):
    """Something that cannot be booked; the text says why and what to do, in the reader's language."""


def newest_terms() -> Terms:
    """The terms that hold now; unconditional where nobody decided on others."""
    row = LedgerTerms.objects.order_by("-version").first()
    if row is None:
        return rules.UNCONDITIONAL
    return Terms(version=row.version, fen=row.fen, least_percent=row.least_percent, silent_counts=row.silent_counts)


def weeks(sites: Collection[str], year: int) -> dict[str, list[Week]]:
    """The reckoned weeks of an ISO year, by site, with what a person excused."""
    excused = {
        (site, week): Lost(lost)
        for site, week, lost in ExcusedWeek.objects.filter(
            Q(site=None) | Q(site__in=sites), week__startswith=f"{year}-W"
        ).values_list("site", "week", "lost")
    }
    found: dict[str, list[Week]] = {site: [] for site in sites}
    rows = SiteVerdict.objects.filter(site__in=sites, week__startswith=f"{year}-W").order_by("week")
    for site, week, verdict, cause, lost in rows.values_list("site", "week", "verdict", "cause", "lost"):
        found[site].append(
            Week(
                week=week,
                verdict=Verdict(verdict),
                cause=Cause(cause) if cause else None,
                lost=Lost(lost) if lost else None,
                excused=excused.get((site, week), excused.get((None, week))),
            )
        )
    return found


def make(title: str, years: Iterable[int], sites: Collection[str], made: datetime) -> Batch:
    """A batch of every payment of ``years`` that ``sites`` are still due; its noes stand in it with their weeks.

    Raises `LedgerError` where nothing is left to decide, or a year's budget does not hold it.
    """
    terms = newest_terms()
    with transaction.atomic():
        batch = Batch.objects.create(title=title, made=made)
        for year in years:
            booked = set(Payment.objects.filter(year=year, due=True).values_list("site", flat=True))
            decisions = decide(terms, sorted(set(sites) - booked), year)
            if (over := -rules.left(remaining(year), [rules.total(decisions)])) > 0 and budget(year) is not None:
                words = {"year": year, "yuan": rules.yuan(over)}
                raise LedgerError(
                    _("%(year)s: the budget lacks %(yuan)s yuan; raise it, or make the batch of fewer sites.") % words
                )
            _book(batch, terms, decisions)
        if not Payment.objects.filter(batch=batch).exists():
            raise LedgerError(_("Every one of these sites has its subsidy of these years in a batch already."))
        fen, count = sums(batch)
        LogEntry.objects.log_create(
            batch, action=LogEntry.Action.UPDATE, changes={"payments": (0, count), "yuan": ("0", f"{rules.yuan(fen)}")}
        )
    return batch


def decide(terms: Terms, sites: list[str], year: int) -> list[Decision]:
    """A decision for each of ``sites``, in their order."""
    found: list[Decision] = []
    for cut in range(0, len(sites), AT_ONCE):
        some = sites[cut : cut + AT_ONCE]
        of_sites = weeks(some, year)
        found += [rules.decide(terms, site, year, of_sites[site]) for site in some]
    return found


def _book(batch: Batch, terms: Terms, decisions: Iterable[Decision]) -> None:
    kept = write_down(terms)
    Payment.objects.bulk_create(
        [
            Payment(
                batch=batch,
                site_id=each.site,
                year=each.year,
                terms=kept,
                due=each.due,
                fen=each.fen,
                met=each.met,
                counted=each.counted,
                evidence={week.week: week.standing.value for week in each.evidence},
            )
            for each in decisions
        ],
        batch_size=AT_ONCE,
    )


def write_down(terms: Terms) -> LedgerTerms:
    """The row of these terms, which is made where nobody decided on any yet."""
    words = msgspec.to_builtins(terms)
    kept, _made = LedgerTerms.objects.get_or_create(
        version=words.pop("version"), defaults={**words, "decided": FROM_THE_BEGINNING}
    )
    return kept


def budget(year: int) -> int | None:
    """What there is for a year; None where nobody said."""
    fen: int | None = Budget.objects.filter(year=year).values_list("fen", flat=True).first()
    return fen


def remaining(year: int) -> int:
    """What a year's budget still holds, after every yes of that year."""
    spent = Payment.objects.filter(year=year).aggregate(fen=Sum("fen"))["fen"] or 0
    return rules.left(budget(year) or 0, [spent])


def write_sheet(batch: Batch, to: Path | BinaryIO, payments: QuerySet[Payment] | None = None) -> None:
    """The clerk's sheet of a batch: its yeses (of ``payments`` alone, where they are given), by site and year.

    Raises `sheet.SheetTooLongError` or `OSError`.
    """
    ours = (Payment.objects.all() if payments is None else payments).filter(batch=batch, due=True)
    rows = ours.order_by("site", "year").values_list("site__title", "year", "fen")
    sheet.write(to, batch.title, [sheet.Line(*row) for row in rows], batch.made)


def pay(batch: Batch, day: date) -> None:
    """Note that a batch went out. Raises `LedgerError` where it did already."""
    with transaction.atomic():
        found = Batch.objects.select_for_update().get(pk=batch.pk)
        if found.paid is not None:
            raise LedgerError(_("%(title)s: it is paid already.") % {"title": batch.title})
        found.paid = day
        found.save(update_fields=["paid"])  # and not by `update`, of which the log would not hear


def receipt(payment: Payment, number: str, day: date, fen: int) -> Receipt:
    """Book a receipt. Raises `LedgerError` for one that is there already, or that says more than was paid."""
    with transaction.atomic():
        paid = Payment.objects.select_for_update().get(pk=payment.pk)
        before = Receipt.objects.filter(payment=paid).aggregate(fen=Sum("fen"))["fen"] or 0
        if paid.batch.paid is None:
            raise LedgerError(_("%(number)s: its batch is not paid yet.") % {"number": number})
        if before + fen > paid.fen:
            words = {"number": number, "told": rules.yuan(before + fen), "paid": rules.yuan(paid.fen)}
            raise LedgerError(_("%(number)s: %(told)s yuan of receipts for %(paid)s that were paid.") % words)
        try:
            with transaction.atomic():
                return Receipt.objects.create(payment=paid, number=number, day=day, fen=fen)
        except IntegrityError:
            msg = _("%(number)s: a receipt of this number is booked already.") % {"number": number}
            raise LedgerError(msg) from None


def overdue(today: date, payments: QuerySet[Payment] | None = None) -> list[Payment]:
    """Payments (of ``payments`` alone) whose receipts should be here, and are not or not in full; the oldest first."""
    late = (Payment.objects.all() if payments is None else payments).filter(
        due=True, batch__paid__lt=today - rules.OVERDUE_AFTER
    )
    some = late.annotate(receipted=Sum("receipts__fen")).filter(Q(receipted=None) | Q(receipted__lt=F("fen")))
    return list(some.select_related("site", "batch").order_by("batch__paid", "site", "year"))


def costs(
    year: int, sessions: int, attendances: int | None, payments: QuerySet[Payment] | None = None
) -> tuple[Decimal | None, Decimal | None]:
    """Yuan of the year's subsidies (of ``payments`` alone) for each session and each attendance.

    None where there is none, or it is unknown.
    """
    ours = Payment.objects.all() if payments is None else payments
    fen = ours.filter(year=year).aggregate(fen=Sum("fen"))["fen"] or 0
    return rules.cost(fen, sessions), rules.cost(fen, attendances)


def batch(number: int) -> Batch:
    """The batch of that number. Raises `LedgerError`."""
    found = Batch.objects.filter(pk=number).first()
    if found is None:
        raise LedgerError(_("%(number)s: there is no such batch.") % {"number": number})
    return found


def payment(site: str, year: int) -> Payment:
    """What a site was paid for a year. Raises `LedgerError`."""
    found = Payment.objects.filter(site=site, year=year, due=True).first()
    if found is None:
        raise LedgerError(_("%(site)s %(year)s: nothing was decided to be paid.") % {"site": site, "year": year})
    return found


def sums(made: Batch) -> tuple[int, int]:
    """Fen of a batch, and how many payments."""
    due = Payment.objects.filter(batch=made, due=True)
    return due.aggregate(fen=Sum("fen"))["fen"] or 0, due.count()


def every_site() -> list[str]:
    """The sites of the network, those that were given up left out."""
    return list(Site.objects.filter(closed=None).values_list("code", flat=True))
