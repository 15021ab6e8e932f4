"""The newest published documents and what they offer, and the public keys of those who may send bulletins.

No key that signs is here.
"""
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


class Offered(models.Model):
    """An item that a catalogue names, or (``gone``) named once: what was shown keeps its title. See `stock.Offer`.

    ``since``: when this centre first took a catalogue that named it. The documents themselves bear no date.
    """

    content = models.CharField(primary_key=True, max_length=64)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    series = models.CharField(max_length=200)
    series_en = models.CharField(max_length=200)
    topic = models.CharField(max_length=40)
    languages = models.CharField(max_length=100)
    seconds = models.FloatField()
    role = models.CharField(max_length=64)
    since = models.DateTimeField()
    gone = models.DateTimeField(null=True)

    class Meta:
        db_table = "catalogue_item"

    def __str__(self) -> str:
        return str(self.title)


class Told(models.Model):
    """A bulletin of the signed library, by the name under which boxes show it; ``body`` as `estation_wire` reads it."""

    name = models.CharField(primary_key=True, max_length=64)
    body = models.TextField()

    class Meta:
        db_table = "published_bulletin"

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
