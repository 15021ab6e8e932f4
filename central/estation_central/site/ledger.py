"""The ledger: what was decided, why, what was paid, which receipts are missing, and the clerk's sheet."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.ledger import batches, rules
from estation_central.ledger.batches import LedgerError
from estation_central.ledger.models import Batch, Budget, ExcusedWeek, Payment, Receipt
from estation_central.ledger.rules import Standing
from estation_central.ledger.sheet import SheetTooLongError
from estation_central.registry import queries
from estation_central.registry.models import Region
from estation_central.site import excusing, wording
from estation_central.site.excusing import ExcusedForm
from estation_central.site.importing import XLSX
from estation_central.site.page import page, part_of

YEARS: Final = (2015, 2100)  # a subsidy of another year is a slip of the finger
BUDGET_IDS: Final = "budget_%s"  # three forms of one page, in which a name comes twice
EXCUSED_IDS: Final = "excused_%s"
MOST_YUAN: Final = Decimal(10) ** 10


class BatchForm(forms.Form):
    """Decide what sites are due for a year."""

    title = forms.CharField(label=gettext_lazy("title"), max_length=200)
    year = forms.IntegerField(label=gettext_lazy("year"), min_value=YEARS[0], max_value=YEARS[1])
    region = forms.ModelChoiceField(
        Region.objects.all(),
        to_field_name="code",
        required=False,
        widget=forms.TextInput,
        label=gettext_lazy("region"),
    )


class DayForm(forms.Form):
    """The day on which a batch was paid."""

    day = forms.DateField(label=gettext_lazy("paid on"), widget=forms.DateInput({"type": "date"}))


class ReceiptForm(forms.Form):
    """A paper that came back."""

    number = forms.CharField(label=gettext_lazy("number of the receipt"), max_length=64)
    day = forms.DateField(label=gettext_lazy("day"), widget=forms.DateInput({"type": "date"}))
    yuan = forms.DecimalField(
        label=gettext_lazy("amount in yuan"), min_value=Decimal("0.01"), max_value=MOST_YUAN, decimal_places=2
    )


class BudgetForm(forms.Form):
    """What there is for a year."""

    year = forms.IntegerField(label=gettext_lazy("year"), min_value=YEARS[0], max_value=YEARS[1])
    yuan = forms.DecimalField(
        label=gettext_lazy("amount in yuan"), min_value=Decimal(0), max_value=MOST_YUAN, decimal_places=2
    )


@require_http_methods(["GET", "POST"])
@needs(Right.LEDGER)
def ledger(request: HttpRequest) -> HttpResponse:
    """Years and batches as far as one may see; a new batch of one's sites, and for the whole network the budget."""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = BatchForm(request.POST if do == "batch" else None)
    money = BudgetForm(request.POST if do == "budget" else None, auto_id=BUDGET_IDS)
    if do == "batch" and form.is_valid():
        try:
            made = _make(request, form)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return redirect("batch", pk=made.pk)
    if do == "budget":
        if not scope.may_everywhere(request.user, Right.LEDGER):
            raise PermissionDenied
        if money.is_valid():
            fen = int(money.cleaned_data["yuan"] * 100)
            Budget.objects.update_or_create(year=money.cleaned_data["year"], defaults={"fen": fen})
            return redirect("ledger")
    return page(request, "ledger.html", _words(request, {"form": form, "money": money}), status=400 if do else 200)


@require_http_methods(["POST"])
@needs(Right.LEDGER)
def excuse(request: HttpRequest) -> HttpResponse:
    """A week counts against no site at all any more, or (``back``: its number) again; for who keeps them all."""
    if not scope.may_everywhere(request.user, Right.LEDGER):
        raise PermissionDenied
    if back := request.POST.get("back"):
        get_object_or_404(ExcusedWeek, pk=int(back) if back.isdecimal() else 0, site=None).delete()
        messages.success(request, _("The week counts again, from the next decision on."))
        return redirect("ledger")
    form = ExcusedForm(request.POST, instance=ExcusedWeek(site=None), auto_id=EXCUSED_IDS)
    if not form.is_valid():
        return page(request, "ledger.html", _words(request, {"excused": form}), status=400)
    form.save()
    messages.success(request, _("The week counts against no site any more, from the next decision on."))
    return redirect("ledger")


def _words(request: HttpRequest, bound: dict[str, Any]) -> dict[str, Any]:
    """The ledger's page; ``bound``: the form that was sent, the others are empty."""
    return {
        "years": _years(request),
        "part": part_of(request, _batches(request)),
        "form": BatchForm(),
        "money": BudgetForm(auto_id=BUDGET_IDS),
        "excused": ExcusedForm(auto_id=EXCUSED_IDS),
        "excuses": excusing.of_all(),
        "terms": batches.newest_terms(),
        "everywhere": scope.may_everywhere(request.user, Right.LEDGER),
        **bound,
    }


def _make(request: HttpRequest, form: BatchForm) -> Batch:
    sites = scope.sites(request.user, Right.LEDGER).filter(closed=None)
    if form.cleaned_data["region"] is not None:
        sites = sites.filter(queries.below(form.cleaned_data["region"]))
    codes = list(sites.order_by("code").values_list("code", flat=True))
    return batches.make(form.cleaned_data["title"], [form.cleaned_data["year"]], codes, datetime.now(UTC))


def _payments(request: HttpRequest) -> QuerySet[Payment]:
    """What was decided of the sites whose ledger one keeps."""
    return Payment.objects.filter(site__in=scope.sites(request.user, Right.LEDGER).order_by().values("code"))


def _batches(request: HttpRequest) -> QuerySet[Batch]:
    """The batches in which one of one's sites stands, the newest first, with the sums of one's own sites."""
    mine = Q(payments__in=_payments(request))
    return (
        Batch.objects.filter(pk__in=_payments(request).order_by().values("batch"))
        .annotate(
            fen=Sum("payments__fen", filter=mine),
            yes=Count("payments", filter=mine & Q(payments__due=True)),
            no=Count("payments", filter=mine & Q(payments__due=False)),
        )
        .order_by("-pk")
    )


def _years(request: HttpRequest) -> list[dict[str, Any]]:
    sums = {
        "decided": Sum("fen"),
        "count": Count("pk", filter=Q(due=True)),
        "paid": Sum("fen", filter=Q(batch__paid__isnull=False)),
    }
    rows = _payments(request).order_by("-year").values_list("year").annotate(**sums)
    everywhere = scope.may_everywhere(request.user, Right.LEDGER)
    return [
        {
            "year": year,
            "decided": rules.yuan(fen or 0),
            "payments": count,
            "paid": rules.yuan(paid or 0),
            "budget": rules.yuan(there) if everywhere and (there := batches.budget(year)) is not None else None,
            "left": rules.yuan(batches.remaining(year)) if everywhere and batches.budget(year) is not None else None,
        }
        for year, fen, count, paid in rows
    ]


@require_http_methods(["GET", "POST"])
@needs(Right.LEDGER)
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of a batch, each yes and no; and the day on which it was paid, by whoever keeps the whole of it."""
    found = get_object_or_404(_batches(request), pk=pk)
    mine = _payments(request).filter(batch=found)
    whole = not Payment.objects.filter(batch=found).exclude(pk__in=mine.values("pk")).exists()
    form = DayForm(request.POST if request.method == "POST" else None)
    if form.is_bound and not whole:
        raise PermissionDenied
    if form.is_bound and form.is_valid():
        try:
            batches.pay(found, form.cleaned_data["day"])
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The payment is noted."))
            return redirect("batch", pk=pk)
    lines = mine.select_related("site__region").order_by("due", "site", "year")
    fen: int = mine.aggregate(fen=Sum("fen"))["fen"] or 0
    words = {"batch": found, "total": rules.yuan(fen), "form": form, "whole": whole}
    part = part_of(request, lines)
    words |= {"part": part, "payments": [(each, rules.yuan(each.fen)) for each in part]}
    return page(request, "batch.html", words, status=400 if form.errors else 200)


@require_safe
@needs(Right.LEDGER)
def batch_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The clerk's sheet of one's own lines."""
    found = get_object_or_404(_batches(request), pk=pk)
    file = BytesIO()
    try:
        batches.write_sheet(found, file, _payments(request))
    except SheetTooLongError as error:
        messages.error(request, str(error))
        return redirect("batch", pk=pk)
    answer = HttpResponse(file.getvalue(), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="batch-{found.pk}.xlsx"'
    return answer


@require_http_methods(["GET", "POST"])
@needs(Right.LEDGER)
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """One yes or no with the weeks that it was decided on; its receipts; and a week that shall be excused."""
    found = get_object_or_404(_payments(request).select_related("site", "batch", "terms"), pk=pk)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = ReceiptForm(request.POST if do == "receipt" else None)
    excused = ExcusedForm(request.POST if do == "excuse" else None, instance=ExcusedWeek(site=found.site))
    if do == "receipt" and form.is_valid():
        told = form.cleaned_data
        try:
            batches.receipt(found, told["number"], told["day"], int(told["yuan"] * 100))
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return redirect("payment", pk=pk)
    if do == "excuse" and excused.is_valid():
        excused.save()
        messages.success(request, _("The week counts against the site no more, from the next decision on."))
        return redirect("payment", pk=pk)
    words = {
        "payment": found,
        "yuan": rules.yuan(found.fen),
        "evidence": [(week, each, wording.LEDGER[Standing(each)]) for week, each in sorted(found.evidence.items())],
        "receipts": [(each, rules.yuan(each.fen)) for each in Receipt.objects.filter(payment=found).order_by("day")],
        "excuses": excusing.of_site(found.site, found.year),
        "form": form,
        "excused": excused,
    }
    return page(request, "payment.html", words, status=400 if do else 200)


@require_safe
@needs(Right.LEDGER)
def overdue(request: HttpRequest) -> HttpResponse:
    """Payments whose receipts should be here."""
    late = batches.overdue(datetime.now(UTC).date(), _payments(request))
    words = {"part": (part := part_of(request, late)), "payments": [(each, rules.yuan(each.fen)) for each in part]}
    return page(request, "overdue.html", words | {"days": rules.OVERDUE_AFTER.days})
