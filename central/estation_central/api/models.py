"""The tokens by which programs read. Of a token only its digest is kept."""
# A field's type is known to Django's plugin of mypy only, which wants the environment of a running centre:
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from estation_central.stations.models import HASH_LENGTH


class ApiToken(models.Model):
    """One token: a program reads with it what its user may see, and changes nothing."""

    user_id: int
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=HASH_LENGTH, unique=True)
    made = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateField(null=True)
    """The last day on which it was used: one that nobody uses can go."""

    class Meta:
        db_table = "api_token"
        ordering: ClassVar = ["user", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "name"], name="api_token_name")]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"
