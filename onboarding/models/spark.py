"""Hand-outs to a creator, and the visits browsers make with them."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils import timezone

from accounts.models import ConsentAttempt, SparkAuthorization
from accounts.models.base import ClientQuerySet, UuidModel
from onboarding.models.links import HandedOut


class SparkLinkQuerySet(ClientQuerySet["SparkLink"]):
    client_path = "authorization__client"

    def usable(self, now: dt.datetime | None = None) -> SparkLinkQuerySet:
        return self.filter(
            revoked_at__isnull=True, expires_at__gt=now or timezone.now()
        ).exclude(authorization__state__in=SparkAuthorization.ENDED)


class SparkLink(HandedOut):
    """One hand-out of a Spark authorization."""

    authorization = models.ForeignKey(
        SparkAuthorization, on_delete=models.CASCADE, related_name="links"
    )

    objects = SparkLinkQuerySet.as_manager()


class SparkVisitQuerySet(ClientQuerySet["SparkVisit"]):
    client_path = "link__authorization__client"


class SparkVisit(UuidModel):
    """One browser's way through a creator's consent."""

    link = models.ForeignKey(SparkLink, on_delete=models.CASCADE, related_name="visits")
    browser_hash = models.CharField(max_length=64)
    attempt = models.ForeignKey(
        ConsentAttempt, null=True, on_delete=models.PROTECT, related_name="+"
    )
    offered = models.JSONField(
        default=list, help_text="What the creator ticked on our page."
    )
    problem = models.CharField(max_length=32, blank=True)
    signed_in_as = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)

    objects = SparkVisitQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["link", "browser_hash"], name="spark_visit_one_per_browser"
            ),
        )

    def __str__(self) -> str:
        return f"Visit of {self.started_at:%d %B %H:%M}"
