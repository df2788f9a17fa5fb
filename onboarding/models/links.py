"""Hand-outs of a request, and the visits browsers make with them."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import ConsentAttempt, Contact
from accounts.models.base import ClientQuerySet, UuidModel
from onboarding.models.requests import AccessRequest, RequestItem


class AccessLinkQuerySet(ClientQuerySet["AccessLink"]):
    client_path = "request__client"

    def usable(self, now: dt.datetime | None = None) -> AccessLinkQuerySet:
        now = now or timezone.now()
        return self.filter(
            revoked_at__isnull=True,
            expires_at__gt=now,
            request__closed_at__isnull=True,
        ).filter(Q(contact__isnull=True) | Q(contact__is_active=True))


class HandedOut(UuidModel):
    """One way out of the house: its own token, of which only the hash is stored."""

    class HandOut(models.TextChoices):
        MAIL = "mail", "E-mail"
        COPY = "copy", "Shown to copy"
        PAPER = "paper", "On paper"

    hand_out = models.CharField(max_length=6, choices=HandOut)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    first_fetched_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.get_hand_out_display()} of {self.made_at:%d %B}"


class AccessLink(HandedOut):
    """One hand-out of a request."""

    request = models.ForeignKey(
        AccessRequest, on_delete=models.CASCADE, related_name="links"
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="links"
    )

    objects = AccessLinkQuerySet.as_manager()


class LinkSessionQuerySet(ClientQuerySet["LinkSession"]):
    client_path = "link__request__client"


class LinkSession(UuidModel):
    """One browser's visit: what it may choose from, and what it chose.

    `candidates` holds accounts the client has not ticked: nobody else sees them, and
    they are purged when the request closes.
    """

    class Stage(models.TextChoices):
        STARTED = "started", "Started"
        READING = "reading", "Reading the accounts"
        CHOOSING = "choosing", "Choosing"
        SHARED = "shared", "Shared"
        STOPPED = "stopped", "Stopped by a problem"

    link = models.ForeignKey(
        AccessLink, on_delete=models.CASCADE, related_name="sessions"
    )
    item = models.ForeignKey(
        RequestItem, on_delete=models.CASCADE, related_name="sessions"
    )
    browser_hash = models.CharField(max_length=64)
    attempt = models.ForeignKey(
        ConsentAttempt, null=True, on_delete=models.PROTECT, related_name="sessions"
    )
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.STARTED)
    problem = models.CharField(max_length=32, blank=True)
    signed_in_as = models.CharField(max_length=200, blank=True)
    candidates = models.JSONField(default=list)
    started_at = models.DateTimeField(default=timezone.now)
    shared_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    objects = LinkSessionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["link", "item", "browser_hash"], name="session_one_per_browser"
            ),
        )

    def __str__(self) -> str:
        return f"Visit of {self.started_at:%d %B %H:%M}"
