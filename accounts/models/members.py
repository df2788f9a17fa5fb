"""Our people as the platforms know them, and who usually works together."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from accounts.models.base import UuidModel
from accounts.platforms.roles import Role


class Member(UuidModel):
    """One of our people, with the one address the platforms know them by.

    Not everybody who works on an account signs in here, and not every colleague here
    has a seat in a Business Center.
    """

    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="member",
        verbose_name="colleague",
        help_text="Whoever signs in here as this person sees their own accounts.",
    )
    left_on = models.DateField(null=True, blank=True)
    two_step_attested_on = models.DateField(
        "two-step sign-in seen on", null=True, blank=True
    )
    two_step_attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="member_email_once",
                violation_error_message="A member with this address exists.",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email


class Team(UuidModel):
    """A preset: who usually works together, each at which role."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TeamPlace(models.Model):
    """One member's place in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="places")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="places")
    role = models.CharField(
        max_length=10, choices=Role.choices(), default=Role.OPERATOR.value
    )

    class Meta:
        ordering = ("member__name",)
        constraints = (
            models.UniqueConstraint(
                fields=["team", "member"],
                name="team_place_once",
                violation_error_message="This member is in the team already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member}, {self.get_role_display()} in {self.team}"
