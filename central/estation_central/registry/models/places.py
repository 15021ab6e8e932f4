"""Regions, bodies, calendars and sites: where the network is, and who is behind it."""
# A field's type is known to Django's plugin of mypy only, which wants the environment of a running centre:
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from estation_central.registry.validating import calendar_words, language_tags, time_zone
from estation_wire.values import NAME_PATTERN, WEEK_PATTERN

DEPTH: Final = 6  # prefecture, county, township, village, and room for two more
PATH_LENGTH: Final = 20 * DEPTH
DIVISION_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,19}\Z"


class Level(models.TextChoices):
    """What kind of region it is. A school district stands beside the administrative tree, under a county of it."""

    PREFECTURE = "prefecture", _("prefecture")
    COUNTY = "county", _("county")
    TOWNSHIP = "township", _("township")
    VILLAGE = "village", _("administrative village")
    DISTRICT = "district", _("school district")


DIGITS: Final = {Level.PREFECTURE: 4, Level.COUNTY: 6, Level.TOWNSHIP: 9, Level.VILLAGE: 12}
"""Length of the official code: GB/T 2260 down to the county, GB/T 10114 below it. A district's code is our own."""
PARENTS: Final = {
    Level.PREFECTURE: (),
    Level.COUNTY: (Level.PREFECTURE,),
    Level.TOWNSHIP: (Level.COUNTY,),
    Level.VILLAGE: (Level.TOWNSHIP,),
    Level.DISTRICT: (Level.COUNTY, Level.PREFECTURE),
}


class Region(models.Model):
    """A region of the tree. ``path``: the ids from the root down to it, each with a slash, such as ``1/5/23/``.

    Codes change (a county becomes a city); the region and all that hangs on it stay: see `RegionCode`.
    """

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[RegexValidator(DIVISION_PATTERN)])
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    parent_id: int | None
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    path = models.CharField(max_length=PATH_LENGTH, db_index=True, editable=False)

    class Meta:
        db_table = "region"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="region_level"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="region_not_in_itself"),
            *(
                models.CheckConstraint(
                    condition=~Q(level=level) | Q(Exact(Length("code"), digits)), name=f"region_{level.value}_digits"
                )
                for level, digits in DIGITS.items()
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and keep the path; what lies below is written again where a region was moved."""
        above = self.parent.path if self.parent is not None else ""
        if self.pk is None:
            super().save(*args, **kwargs)
            kwargs = {"using": kwargs.get("using")}
            args = ()
        before, self.path = self.path, f"{above}{self.pk}/"
        super().save(*args, **kwargs)
        if before and before != self.path:
            for below in Region.objects.filter(parent=self):
                below.save()

    def clean(self) -> None:
        """Refuse a parent of the wrong level, and a code that is not of digits where it is an official one."""
        if self.level in DIGITS and not (self.code.isascii() and self.code.isdigit()):
            raise ValidationError({"code": _("An official code has digits only.")})
        if len(self.code) != DIGITS.get(Level(self.level), len(self.code)):
            words = {"digits": DIGITS[Level(self.level)]}
            raise ValidationError({"code": _("The code of such a region has %(digits)d digits.") % words})
        if self.parent is not None and self.parent.level not in PARENTS[Level(self.level)]:
            raise ValidationError({"parent": _("A region of this level is not part of such a region.")})


class RegionCode(models.Model):
    """Which code a region had, and when. No ``began``: from before the registry knew; no ``ended``: it has it now."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="codes")
    code = models.CharField(_("code"), max_length=20)
    began = models.DateField(_("from"), null=True, blank=True)
    ended = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        db_table = "region_code"
        ordering: ClassVar = ["region", "-began", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region"], condition=Q(ended=None), name="region_code_one_now"),
            models.UniqueConstraint(fields=["code"], condition=Q(ended=None), name="region_code_one_region"),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(began=None) | Q(ended__gte=F("began")), name="region_code_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} from {self.began}"


class BodyKind(models.TextChoices):
    """What it is to the network."""

    ASSOCIATION = "association", _("science association")
    EDUCATION = "education", _("education bureau")
    VILLAGE = "village", _("village committee")
    BROADCASTER = "broadcaster", _("broadcaster")
    WEBSITE = "website", _("web site")
    OUTLET = "outlet", _("new-media outlet")
    OTHER = "other", _("other body")


class Body(models.Model):
    """An organisation: who hosts sites (an education bureau, a village committee), or carries the columns."""

    code = models.CharField(_("code"), primary_key=True, max_length=64, validators=[RegexValidator(NAME_PATTERN)])
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind of body"), max_length=12, choices=BodyKind.choices)

    class Meta:
        db_table = "body"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(kind__in=BodyKind.values), name="body_kind")]

    def __str__(self) -> str:
        return str(self.name)


class Calendar(models.Model):
    """Hours and terms that several sites share, such as a county's school year: a wire `Calendar` as JSON."""

    code = models.CharField(_("code"), primary_key=True, max_length=64, validators=[RegexValidator(NAME_PATTERN)])
    title = models.CharField(_("name"), max_length=200)
    hours = models.JSONField(_("hours"), default=dict, validators=[calendar_words])

    class Meta:
        db_table = "calendar"
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return str(self.title)


class Kind(models.TextChoices):
    """Kinds of sites."""

    VILLAGE = "village", _("village")
    SCHOOL = "school", _("school")
    MOBILE = "mobile", _("mobile")


class Policy(models.TextChoices):
    """Which rooms of a site with several must meet the minimum."""

    ANY_ROOM = "any-room", _("any room")
    SHARE = "share", _("a share of the rooms")
    EVERY_ROOM = "every-room", _("every room")


class Site(models.Model):
    """The accountable unit: a village hall, a school or a mobile unit, and what it owes each week.

    ``hours`` are its own (a wire `Calendar`); where there are none, ``calendar`` holds.
    """

    code = models.CharField(_("site"), primary_key=True, max_length=64, validators=[RegexValidator(NAME_PATTERN)])
    kind = models.CharField(_("kind of site"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("name"), max_length=200)
    region = models.ForeignKey(Region, models.PROTECT, related_name="sites", verbose_name=_("region"))
    district = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="schools", verbose_name=_("school district")
    )
    host = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="hosted", verbose_name=_("host body")
    )
    partners = models.ManyToManyField(Body, blank=True, related_name="partner_of", verbose_name=_("partners"))
    languages = models.JSONField(_("languages"), default=list, blank=True, validators=[language_tags])
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai", validators=[time_zone])
    minimum_sessions = models.PositiveSmallIntegerField(
        _("sessions a week"), default=1, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    minimum_seconds = models.PositiveIntegerField(
        _("seconds of each"), default=600, validators=[MinValueValidator(1), MaxValueValidator(86_400)]
    )
    policy = models.CharField(
        _("rooms that must meet the minimum"), max_length=10, default=Policy.ANY_ROOM, choices=Policy.choices
    )
    share_percent = models.PositiveSmallIntegerField(
        _("share of the rooms, per cent"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="sites", verbose_name=_("calendar")
    )
    calendar_id: str | None
    hours = models.JSONField(_("own hours"), null=True, blank=True, validators=[calendar_words])
    opened = models.DateField(_("part of the network since"), null=True, blank=True)
    closed = models.DateField(_("given up on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )

    class Meta:
        db_table = "site"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="site_kind"),
            models.CheckConstraint(condition=Q(policy__in=Policy.values), name="site_policy"),
            models.CheckConstraint(condition=Q(minimum_sessions__range=(1, 50)), name="site_minimum_sessions"),
            models.CheckConstraint(condition=Q(minimum_seconds__range=(1, 86_400)), name="site_minimum_seconds"),
            models.CheckConstraint(condition=Q(share_percent__range=(1, 100)), name="site_share"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("code")), name="site_not_in_itself"
            ),
            models.CheckConstraint(condition=Q(merged_into=None) | ~Q(closed=None), name="site_merged_is_closed"),
            models.CheckConstraint(
                condition=Q(closed=None) | Q(opened=None) | Q(closed__gte=F("opened")), name="site_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"

    def clean(self) -> None:
        """Refuse a district that is none, and a closed site's successor that is closed itself."""
        if self.district is not None and self.district.level != Level.DISTRICT:
            raise ValidationError({"district": _("This region is no school district.")})
        if self.merged_into is not None and self.merged_into.closed is not None:
            raise ValidationError({"merged_into": _("The site that takes over is closed itself.")})
        if self.merged_into is not None and (self.closed is None or self.merged_into.pk == self.pk):
            raise ValidationError({"merged_into": _("A site that was merged into another is closed.")})
        if self.closed is not None and self.opened is not None and self.closed < self.opened:
            raise ValidationError({"closed": _("It was given up before it was opened.")})


class ClosedWeek(models.Model):
    """A week in which a site, or every site of a calendar, owes nothing, and why."""

    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="closed_weeks")
    calendar = models.ForeignKey(Calendar, models.CASCADE, null=True, blank=True, related_name="closed_weeks")
    week = models.CharField(_("week"), max_length=8, validators=[RegexValidator(WEEK_PATTERN)])
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        db_table = "closed_week"
        ordering: ClassVar = ["week"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(site=None, calendar__isnull=False) | Q(site__isnull=False, calendar=None),
                name="closed_week_of_one",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="closed_week_has_reason"),
            models.UniqueConstraint(fields=["site", "week"], name="closed_week_of_site"),
            models.UniqueConstraint(fields=["calendar", "week"], name="closed_week_of_calendar"),
        ]

    def __str__(self) -> str:
        return f"{self.week}: {self.reason}"

    def clean(self) -> None:
        """Refuse a week of nothing, and of both."""
        if (self.site is None) == (self.calendar is None):
            raise ValidationError({"site": _("A closed week is of one site or of one calendar.")})
