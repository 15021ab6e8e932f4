"""Roles that users hold, each in its scope."""
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from estation_central.accounts.rules import RIGHTS, Right, Role, Scope
from estation_central.registry.models import Body, Kind, Region

ROLE_NAMES = {
    Role.MONITOR: _("monitor"),
    Role.EDITOR: _("editor"),
    Role.TECHNICIAN: _("technician"),
    Role.FINANCE: _("finance clerk"),
    Role.ADMINISTRATOR: _("administrator"),
}


class Grant(models.Model):
    """One role of one user, within a region, a kind of site and a host body; what is left empty is no limit."""

    user_id: int
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=16, choices=[(role.value, name) for role, name in ROLE_NAMES.items()])
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    kind = models.CharField(_("kind of site"), max_length=10, blank=True, choices=Kind.choices)
    host_id: str | None
    host = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, verbose_name=_("host body"))

    class Meta:
        db_table = "role_grant"
        ordering: ClassVar = ["user", "role", "id"]
        verbose_name = _("role")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=[role.value for role in Role]), name="grant_role"),
            models.CheckConstraint(condition=Q(kind__in=["", *Kind.values]), name="grant_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.region or ''} {self.kind} {self.host_id or ''}".strip()

    @property
    def rights(self) -> frozenset[Right]:
        """What it lets its user do."""
        return RIGHTS[Role(self.role)]

    @property
    def scope(self) -> Scope:
        """Where it holds; ask for it with ``select_related("region")``."""
        region = self.region.path if self.region is not None else ""
        return Scope(region=region, kind=self.kind, host=self.host_id or "")
