"""What we recommend a client to set itself, where no agency can."""

from __future__ import annotations

from django.db import models

from accounts.models import Client
from accounts.models.base import ClientQuerySet


class AttributionAdvice(models.Model):
    """The attribution windows we recommend: only the client can set them."""

    class Counting(models.TextChoices):
        EVERY = "every", "Every event"
        ONCE = "once", "Once a person"

    client = models.OneToOneField(
        Client, on_delete=models.PROTECT, related_name="attribution_advice"
    )
    click_days = models.PositiveSmallIntegerField("click-through, days", default=7)
    view_days = models.PositiveSmallIntegerField("view-through, days", default=1)
    counting = models.CharField(
        "event count", max_length=8, choices=Counting, default=Counting.EVERY
    )
    note = models.CharField(max_length=300, blank=True)
    applied_on = models.DateField(
        "set on",
        null=True,
        blank=True,
        help_text="The day the client says it was set. No list tells us.",
    )

    objects = ClientQuerySet["AttributionAdvice"].as_manager()

    class Meta:
        verbose_name_plural = "attribution advice"

    def __str__(self) -> str:
        return f"Attribution advice for {self.client}"
