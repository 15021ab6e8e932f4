"""The ledger's tables. Amounts are whole fen."""
# A field's type is known to Django's plugin of mypy only, which wants the environment of a running centre:
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar, Final

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from estation_central.ledger.rules import YEARLY_FEN
from estation_central.registry.models import Site
from estation_central.stations.models import WEEK_LENGTH
from estation_wire.values import WEEK_PATTERN

FROM_THE_BEGINNING: Final = "unconditional, from the beginning"
"""What stands for the decision where nobody decided yet."""


class LedgerTerms(models.Model):
    """One version of what is paid and for what; a version is never changed once something was decided by it."""

    version = models.PositiveIntegerField(_("version"), primary_key=True, validators=[MinValueValidator(1)])
    fen = models.PositiveBigIntegerField(_("fen a site and year"), default=YEARLY_FEN)
    least_percent = models.PositiveSmallIntegerField(
        _("least share of the weeks, per cent; empty: unconditional"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    silent_counts = models.BooleanField(_("weeks of which nothing is known count against a site"), default=False)
    decided = models.CharField(_("who decided it, and when"), max_length=200)

    class Meta:
        db_table = "ledger_terms"
        ordering: ClassVar = ["version"]

    def __str__(self) -> str:
        return f"{self.version}: {self.decided}"

    @property
    def told(self) -> str:
        """Who decided it, and when, in the reader's language where nobody wrote it."""
        nobody = self.decided == FROM_THE_BEGINNING
        return str(_("Unconditional, from the beginning.")) if nobody else str(self.decided)


class ExcusedWeek(models.Model):
    """A week that does not count against a site (against none, where no site is named), and the reason."""

    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="excused_weeks")
    week = models.CharField(_("week"), max_length=WEEK_LENGTH, validators=[RegexValidator(WEEK_PATTERN)])
    lost = models.CharField(
        _("lost to"), max_length=5, choices=[("power", _("the power")), ("ours", _("our own fault"))]
    )
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        db_table = "excused_week"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "week"], name="excused_week_once"),
            models.UniqueConstraint(fields=["week"], condition=Q(site=None), name="excused_week_of_all_once"),
            models.CheckConstraint(condition=Q(lost__in=("power", "ours")), name="excused_week_lost"),
            models.CheckConstraint(condition=~Q(reason=""), name="excused_week_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.week}: {self.reason}"


class Budget(models.Model):
    """What there is for a year."""

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    fen = models.PositiveBigIntegerField(_("fen"))

    class Meta:
        db_table = "ledger_budget"

    def __str__(self) -> str:
        return f"{self.year}: {self.fen}"


class Batch(models.Model):
    """Payments that go out together; ``paid`` is empty until they did."""

    title = models.CharField(_("title"), max_length=200)
    made = models.DateTimeField(_("made"))
    paid = models.DateField(_("paid"), null=True, blank=True)

    class Meta:
        db_table = "ledger_batch"

    def __str__(self) -> str:
        return str(self.title)


class Payment(models.Model):
    """A site's subsidy of a year: yes or no, by which terms, and with the weeks that it was decided on.

    A site has one yes a year, whatever is made twice; a no may be decided again when late reports changed its weeks.
    """

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="payments")
    site = models.ForeignKey(Site, models.PROTECT, related_name="payments")
    year = models.PositiveSmallIntegerField(_("year"))
    terms = models.ForeignKey(LedgerTerms, models.PROTECT)
    due = models.BooleanField(_("due"))
    fen = models.PositiveBigIntegerField(_("fen"))
    met = models.PositiveSmallIntegerField()
    counted = models.PositiveSmallIntegerField()
    evidence = models.JSONField()

    class Meta:
        db_table = "ledger_payment"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "year"], condition=Q(due=True), name="ledger_payment_once"),
            models.UniqueConstraint(fields=["batch", "site", "year"], name="ledger_payment_in_batch"),
            models.CheckConstraint(condition=Q(due=True) | Q(fen=0), name="ledger_payment_no_is_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.year}: {self.fen}"


class Receipt(models.Model):
    """The paper that came back for a payment; without the name of who signed it."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="receipts")
    number = models.CharField(_("number of the receipt"), max_length=64)
    day = models.DateField(_("day"))
    fen = models.PositiveBigIntegerField(_("fen"))

    class Meta:
        db_table = "ledger_receipt"
        constraints: ClassVar = [models.UniqueConstraint(fields=["number"], name="ledger_receipt_number")]

    def __str__(self) -> str:
        return str(self.number)
