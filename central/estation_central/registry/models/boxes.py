"""Boxes, and what became of them and of stations: a station outlives its box, and a box serves several in its life."""
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar, Final

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from estation_central.registry.models.places import Site
from estation_central.stations.models import Station

SERIAL_PATTERN: Final = r"^[0-9A-Za-z][0-9A-Za-z.-]{0,63}\Z"


class Condition(models.TextChoices):
    """Whether a box can be used. One that can, and serves no station, is in the spare pool."""

    GOOD = "good", _("good")
    REPAIR = "repair", _("in repair")
    STOLEN = "stolen", _("stolen or lost")
    SCRAPPED = "scrapped", _("scrapped")


class Why(models.TextChoices):
    """Why a box left a station, or a station a site."""

    REPLACED = "replaced", _("replaced")
    BROKEN = "broken", _("broken")
    STOLEN = "stolen", _("stolen or lost")
    MOVED = "moved", _("moved")
    MERGED = "merged", _("the site was merged")
    RETIRED = "retired", _("given up")


SAYS_WHY: Final = Q(ended=None, why="") | Q(ended__isnull=False, why__in=Why.values)


class Box(models.Model):
    """One box, known by the serial number of its processor."""

    serial = models.CharField(
        _("serial number"), primary_key=True, max_length=64, validators=[RegexValidator(SERIAL_PATTERN)]
    )
    model = models.CharField(_("model"), max_length=100, blank=True)
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices, default=Condition.GOOD)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        db_table = "box"
        ordering: ClassVar = ["serial"]
        verbose_name = _("box")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(condition__in=Condition.values), name="box_condition")
        ]

    def __str__(self) -> str:
        return str(self.serial)


class BoxAssignment(models.Model):
    """Which box served which station, and when; ``ended`` is empty for the one that does."""

    box = models.ForeignKey(Box, models.PROTECT, related_name="assignments", verbose_name=_("box"))
    station = models.ForeignKey(Station, models.PROTECT, related_name="assignments", verbose_name=_("station"))
    box_id: str
    station_id: str
    began = models.DateTimeField(_("from"))
    ended = models.DateTimeField(_("until"), null=True, blank=True)
    why = models.CharField(_("why it ended"), max_length=10, choices=Why.choices, blank=True)

    class Meta:
        db_table = "box_assignment"
        ordering: ClassVar = ["-began", "-id"]
        verbose_name = _("box at a station")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["box"], condition=Q(ended=None), name="box_at_one_station"),
            models.UniqueConstraint(fields=["station"], condition=Q(ended=None), name="station_has_one_box"),
            models.CheckConstraint(condition=Q(ended=None) | Q(ended__gte=F("began")), name="assignment_in_order"),
            models.CheckConstraint(
                condition=Q(ended=None, why="") | Q(ended__isnull=False, why__in=Why.values), name="assignment_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.box_id} at {self.station_id}"


class Placement(models.Model):
    """At which site a station stood, and when. ``began`` is empty where it stood there before the registry knew."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="placements", verbose_name=_("station"))
    site = models.ForeignKey(Site, models.PROTECT, related_name="placements", verbose_name=_("site"))
    station_id: str
    site_id: str
    began = models.DateTimeField(_("from"), null=True, blank=True)
    ended = models.DateTimeField(_("until"), null=True, blank=True)
    why = models.CharField(_("why it ended"), max_length=10, choices=Why.choices, blank=True)

    class Meta:
        db_table = "placement"
        ordering: ClassVar = ["-id"]
        verbose_name = _("station at a site")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["station"], condition=Q(ended=None), name="station_at_one_site"),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(began=None) | Q(ended__gte=F("began")), name="placement_in_order"
            ),
            models.CheckConstraint(
                condition=Q(ended=None, why="") | Q(ended__isnull=False, why__in=Why.values), name="placement_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station_id} at {self.site_id}"
