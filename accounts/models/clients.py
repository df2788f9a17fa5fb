"""Clients, the colleagues who serve them, and the people they employ."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.base import ClientQuerySet, UuidModel
from accounts.models.members import Team
from accounts.models.people import check_time_zone
from accounts.zones import house_day


def check_language(code: str) -> None:
    """Refuse a language no letter or page is written in."""
    known = dict(settings.LANGUAGES)
    if code not in known:
        raise ValidationError(
            "Nothing is written in “%(code)s” here. Enter one of: %(known)s.",
            params={"code": code, "known": ", ".join(known)},
        )


class ClientList(models.QuerySet["Client"]):
    def visible_to(self, user: Any) -> ClientList:
        """Those merged away are seen under the client they became."""
        there = self.filter(merged_into__isnull=True)
        if user.sees_all_clients:
            return there
        return there.filter(pk__in=user.client_keys())


class Client(UuidModel):
    """A company whose ad accounts the agency works in."""

    class Status(models.TextChoices):
        PROSPECT = "prospect", "Prospect"
        ONBOARDING = "onboarding", "Onboarding"
        ACTIVE = "active", "Active"
        OFFBOARDING = "offboarding", "Offboarding"
        FORMER = "former", "Former"

    name = models.CharField(max_length=200)
    status = models.CharField(
        max_length=12, choices=Status, default=Status.PROSPECT, editable=False
    )
    vertical = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[check_time_zone]
    )
    language = models.CharField(
        max_length=12, default="en", validators=[check_language]
    )
    default_center = models.ForeignKey(
        "accounts.Grantee",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Which of our Business Centers receives this client's accounts.",
    )
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="clients",
        help_text="Who usually works on this client's accounts.",
    )
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged",
        help_text="The client this one turned out to be.",
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClientList.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(Lower("name"), name="client_name_once"),)

    def __str__(self) -> str:
        return self.name

    @property
    def lead(self) -> Any:
        """The account manager, or None while nobody leads."""
        return next(iter(self._serve_as(Assignment.Role.LEAD)), None)

    @property
    def acts(self) -> Any:
        """Who acts for us now: the lead, or a deputy while the lead is not at work."""
        lead = self.lead
        if lead is not None and lead.is_at_work:
            return lead
        deputies = self._serve_as(Assignment.Role.DEPUTY)
        return next((one for one in deputies if one.is_at_work), lead)

    def _serve_as(self, role: Assignment.Role) -> list[Any]:
        return [
            assignment.user
            for assignment in self.assignments.all()
            if assignment.role == role and assignment.is_live
        ]


class AssignmentQuerySet(ClientQuerySet["Assignment"]):
    def live(self) -> AssignmentQuerySet:
        return self.filter(Q(until__isnull=True) | Q(until__gte=house_day()))


class Assignment(models.Model):
    """A colleague serves a client."""

    class Role(models.TextChoices):
        LEAD = "lead", "Account manager"
        DEPUTY = "deputy", "Deputy"
        BUYER = "buyer", "Media buyer"

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="assignments"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments"
    )
    role = models.CharField(max_length=8, choices=Role, default=Role.LEAD)
    until = models.DateField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(role="lead", until__isnull=True),
                name="client_one_lead",
                violation_error_message="This client already has an account manager.",
            ),
            models.UniqueConstraint(
                fields=["client", "user", "role"],
                condition=Q(until__isnull=True),
                name="assignment_once",
                violation_error_message="This colleague has that role here already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} for {self.client}"

    @property
    def is_live(self) -> bool:
        return self.until is None or self.until >= house_day()


class Contact(UuidModel):
    """A person at the client; has no account here."""

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="contacts"
    )
    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail")
    job = models.CharField(max_length=120, blank=True)
    language = models.CharField(
        max_length=12, default="en", validators=[check_language]
    )
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[check_time_zone]
    )
    is_primary = models.BooleanField("decides", default=False)
    is_active = models.BooleanField(
        "still there",
        default=True,
        help_text="Switching this off ends the links sent to them.",
    )
    email_problem = models.CharField(max_length=200, blank=True, editable=False)

    objects = ClientQuerySet["Contact"].as_manager()

    class Meta:
        ordering = ("-is_primary", "name")
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                "client",
                name="contact_once_per_client",
                violation_error_message="This client already has that address.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""
