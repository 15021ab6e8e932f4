"""What the audit log watches: every table that somebody can change by hand, and why the others are left out.

Of officers no name and no phone is kept, of a secret never more than that it was changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

HIDDEN: Final = "…"
_HERE: Final = "estation_central.accounts.logged"

WATCHED: Final[Mapping[str, Mapping[str, Any]]] = {
    "accounts.Grant": {},
    "alerts.Alert": {"include_fields": ["acknowledged", "by"]},
    "alerts.AlertChannel": {
        "exclude_fields": ["secret", "digest_sent"],
        "mask_fields": ["hook"],
        "mask_callable": f"{_HERE}.host_alone",
    },
    "alerts.AlertSilence": {},
    "api.ApiToken": {"include_fields": ["user", "name", "expires"]},
    "auth.User": {
        "include_fields": ["username", "password", "is_active", "is_superuser"],
        "mask_fields": ["password"],
        "mask_callable": f"{_HERE}.hidden",
    },
    "bulletins.Notice": {
        "exclude_fields": ["payload", "letter", "end_letter"],
        "mask_fields": ["ending"],  # that its recall began; what it says stands in its document
        "mask_callable": f"{_HERE}.hidden",
    },
    "ledger.Batch": {},
    "ledger.Budget": {},
    "ledger.ExcusedWeek": {},
    "ledger.LedgerTerms": {},
    "ledger.Receipt": {},
    "otp_static.StaticDevice": {"include_fields": ["user", "name", "confirmed"]},
    "otp_totp.TOTPDevice": {"include_fields": ["user", "name", "confirmed"]},
    "registry.Body": {},
    "registry.Box": {},
    "registry.BoxAssignment": {},
    "registry.Calendar": {},
    "registry.ClosedWeek": {},
    "registry.Delivery": {},
    "registry.Officer": {"exclude_fields": ["name", "phone"]},
    "registry.OfficerLink": {"include_fields": ["officer", "until"]},
    "registry.Placement": {},
    "registry.Region": {},
    "registry.RegionCode": {},
    "registry.Site": {"m2m_fields": {"partners"}},
    "registry.Transfer": {},
    "stations.Command": {"include_fields": ["station"]},  # and what was ordered: see `Command.get_additional_data`
    "stations.EnrolmentToken": {"include_fields": ["station", "not_after"]},
    "stations.Station": {},
}
"""By the model's label, what `auditlog.register` is told of it."""

_BY_BOXES: Final = "written from what boxes say, never by hand"
_RECKONED: Final = "reckoned from the records, and can be reckoned again"
_LIBRARY: Final = "taken over whole from the signed library, whose publisher signs for it"
_DJANGO: Final = "nobody changes it: it is Django's own, and unused here"
_LOGGING_IN: Final = "kept by the log-in itself, and forgotten; who logged in and when is nobody's business"
LEFT_OUT: Final[Mapping[str, str]] = {
    "alerts.AlertTold": "written by the pass that tells, never by hand",
    "alerts.CatalogueSeen": "written by the pass that looks, never by hand",
    "auditlog.LogEntry": "it is the log",
    "auth.Group": _DJANGO,
    "auth.Permission": _DJANGO,
    "axes.AccessAttempt": _LOGGING_IN,
    "axes.AccessAttemptExpiration": _LOGGING_IN,
    "axes.AccessFailureLog": _LOGGING_IN,
    "axes.AccessLog": _LOGGING_IN,
    "bulletins.Place": "made with its bulletin and never changed; the document that is signed names whom it is for",
    "bulletins.Sending": "made when a bulletin is sent or recalled, which its own entry says; thousands at once",
    "compliance.AttendanceCounted": _RECKONED,
    "compliance.BulletinShown": _RECKONED,
    "compliance.ItemMonth": _RECKONED,
    "compliance.ItemShown": _RECKONED,
    "compliance.ItemTopic": _LIBRARY,
    "compliance.ItemTotal": _RECKONED,
    "compliance.PageView": "counted by number alone when a public page is opened",
    "compliance.ReckonedJournal": _RECKONED,
    "compliance.ReckonedSite": _RECKONED,
    "compliance.Showing": _RECKONED,
    "compliance.SiteMonth": _RECKONED,
    "compliance.SiteTopicDay": _RECKONED,
    "compliance.SiteTopicMonth": _RECKONED,
    "compliance.SiteVerdict": _RECKONED,
    "compliance.StationStay": _RECKONED,
    "contenttypes.ContentType": _DJANGO,
    "ledger.Payment": "made with its batch and never changed; the batch's entry says how many and how much",
    "otp_static.StaticToken": "a secret; it goes with its device, which is logged",
    "publication.Offered": _LIBRARY,
    "publication.Published": _LIBRARY,
    "publication.Speaker": _LIBRARY,
    "publication.Told": _LIBRARY,
    "registry.Draft": "a file that was looked at; what was taken in is a transfer, which is logged",
    "sessions.Session": _LOGGING_IN,
    "stations.BroughtHealth": _BY_BOXES,
    "stations.HashMismatch": _BY_BOXES,
    "stations.JournalRecord": _BY_BOXES,
    "stations.Latest": _BY_BOXES,
    "stations.LostRange": _BY_BOXES,
    "stations.Picture": _BY_BOXES,
    "stations.Quarantined": _BY_BOXES,
    "stations.SchoolSession": _BY_BOXES,
    "stations.SiteWeek": _BY_BOXES,
    "stations.Watermark": _BY_BOXES,
}
"""By the model's label, why nobody has to know who changed it."""


def hidden(value: str) -> str:
    """Nothing of a value but whether there is one; that it was changed is told."""
    return "" if value in {"", "None"} else HIDDEN


def host_alone(value: str) -> str:
    """The host of an address: what stands behind it is often a secret."""
    return urlsplit(value).hostname or ""
