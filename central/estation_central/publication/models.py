"""The newest published documents, and the public keys of those who may send bulletins. No key that signs is here."""
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from django.db import models


class Published(models.Model):
    """A signed document, by its name: ``catalogue.json``, ``653101.programme.json``. It verified when it was taken."""

    name = models.CharField(primary_key=True, max_length=96)
    content = models.BinaryField()
    taken = models.DateTimeField()

    class Meta:
        db_table = "published_document"

    def __str__(self) -> str:
        return str(self.name)


class Speaker(models.Model):
    """A role that the library lets speak for a part of the field: public keys (raw, in hex) by their ids."""

    role = models.CharField(primary_key=True, max_length=64)
    threshold = models.PositiveSmallIntegerField()
    keys = models.JSONField()

    class Meta:
        db_table = "published_speaker"

    def __str__(self) -> str:
        return f"{self.role}: {self.threshold} of {len(self.keys)}"
