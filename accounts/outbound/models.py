"""The shared token bucket of each platform app."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

DEFAULT_RATE = 10.0


class PlatformApp(models.Model):
    """One developer app's allowance, shared by every process that calls with it.

    `tokens` as of `refilled_at`; a bucket holds one second's worth of calls. `probes`
    counts the calls refused in a row: 0 when the last answer was not a rate limit.
    `outages` counts those that met an outage in a row; from `broken_until` one call
    tries again, all others wait for it. `retry_credit`: calls that may be repeats.
    `rotates`: whether a refresh was seen to bring another refresh token.
    """

    platform = models.CharField(max_length=24)
    app_id = models.CharField(max_length=64)
    rate_per_second = models.FloatField(
        default=DEFAULT_RATE, validators=[MinValueValidator(0.5)]
    )
    tokens = models.FloatField(default=DEFAULT_RATE)
    refilled_at = models.DateTimeField(default=timezone.now)
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=300, blank=True)
    probes = models.PositiveIntegerField(default=0)
    outages = models.PositiveIntegerField(default=0)
    broken_until = models.DateTimeField(null=True, blank=True)
    retry_credit = models.FloatField(default=0.0)
    rotates = models.BooleanField(null=True)

    class Meta:
        app_label = "accounts"
        ordering = ("platform", "app_id")
        constraints = (
            models.UniqueConstraint(
                fields=["platform", "app_id"], name="platform_app_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.platform} app {self.app_id}"
