"""Letters that follow a hand-out nobody has answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Contact
from accounts.models.base import ClientQuerySet, UuidModel
from onboarding.models.links import AccessLink
from onboarding.models.requests import AccessRequest


class ReminderQuerySet(ClientQuerySet["Reminder"]):
    client_path = "request__client"


class Reminder(UuidModel):
    """One step of a request's plan: a letter to a contact, or word to the manager.

    Due work is this row: a sweep claims it by its lease.
    """

    class State(models.TextChoices):
        DUE = "due", "To be sent"
        SENT = "sent", "Sent"
        SKIPPED = "skipped", "Skipped"
        STOPPED = "stopped", "Stopped"
        REFUSED = "refused", "Refused"

    request = models.ForeignKey(
        AccessRequest, on_delete=models.CASCADE, related_name="reminders"
    )
    number = models.PositiveSmallIntegerField()
    contact = models.ForeignKey(
        Contact,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whom it is to; nobody for the word to the manager.",
    )
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    problem = models.CharField(max_length=200, blank=True)
    link = models.ForeignKey(
        AccessLink, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ("request", "number")
        constraints = (
            models.UniqueConstraint(fields=["request", "number"], name="reminder_once"),
        )
        indexes = (
            models.Index(
                fields=["due_at"], condition=Q(state="due"), name="reminder_due"
            ),
        )

    def __str__(self) -> str:
        return f"Reminder {self.number} of {self.request}"

    @property
    def is_waiting(self) -> bool:
        """True while it is to be sent and nobody is about to."""
        return self.state == self.State.DUE and self.lease_until is None
