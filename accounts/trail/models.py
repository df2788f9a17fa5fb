"""The trail's two tables; guards.py keeps them append-only.

An event carries keys and hashes only: no personal text, no foreign keys, so that it
can outlive everything it speaks of. What people may read of it lies in its payload.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, *subjects: models.Model) -> EventQuerySet:
        """Events whose subject is one of these rows."""
        wanted = models.Q(pk__in=[])
        for subject in subjects:
            wanted |= models.Q(
                subject_type=subject._meta.label_lower, subject_key=str(subject.pk)
            )
        return self.filter(wanted)

    def of_client(self, client: Any) -> EventQuerySet:
        """The client's story, and that of those merged into it.

        Who was read with `has_merged` is not asked for them where there are none.
        """
        keys = [client.pk]
        if getattr(client, "has_merged", True):
            keys += client.merged.values_list("pk", flat=True)
        return self.filter(client_key__in=map(str, keys))

    def with_payloads(self) -> EventQuerySet:
        """Events that bring along what they say, as `body`."""
        payloads = EventPayload.objects.filter(event_id=models.OuterRef("pk"))
        return self.annotate(body=models.Subquery(payloads.values("body")))

    def visible_to(self, user: Any) -> EventQuerySet:
        """Events of the user's clients; those of no client need the right to all."""
        if user.sees_all_clients:
            return self
        return self.filter(client_key__in=user.story_keys())


class Event(models.Model):
    """One thing that happened."""

    occurred_at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=8)
    actor_key = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_key = models.CharField(max_length=64, blank=True)
    client_key = models.CharField(max_length=36, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    payload_hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        verbose_name_plural = "events on the trail"
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["client_key", "-id"], name="event_client"),
            models.Index(
                fields=["subject_type", "subject_key", "-id"], name="event_subject"
            ),
            models.Index(fields=["action", "-id"], name="event_action"),
            models.Index(fields=["actor_key", "-id"], name="event_actor"),
            models.Index(fields=["request_id"], name="event_request"),
            models.Index(fields=["occurred_at", "id"], name="event_time"),
        )

    def __str__(self) -> str:
        return f"{self.action} #{self.pk}"


class EventPayload(models.Model):
    """The erasable half of an event: names, labels, before and after."""

    event_id = models.BigIntegerField(primary_key=True)
    salt = models.BinaryField(max_length=16)
    body = models.TextField()

    class Meta:
        app_label = "accounts"

    def __str__(self) -> str:
        return f"Payload of event #{self.event_id}"
