"""Colleagues: who may sign in, until when, and whose clock they live by."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from accounts import roles
from accounts.models.base import UuidModel
from accounts.trail import Actor, record
from accounts.zones import clock

# So long after somebody was added or changed they are nobody's second person yet.
KNOWN_FOR = dt.timedelta(days=7)


def default_time_zone() -> str:
    return settings.TIME_ZONE


def check_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            "There is no time zone “%(name)s”. Enter one like Europe/Berlin.",
            params={"name": name},
        )


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> User:
        """Find the person by sign-in name, in any spelling of upper and lower case."""
        return self.get(email=self.normalize_email(username))

    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        """Add a person; without a password only a welcome link lets them in."""
        email = self.normalize_email(email)
        if not email:
            raise ValueError("A person needs an e-mail address: it is the sign-in name")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        """Add the person who adds all others; the trail says it came from a shell."""
        with transaction.atomic(using=self._db):
            user = self.create_user(
                email, password, **{**fields, "is_staff": True, "is_superuser": True}
            )
            record(
                "user.added",
                by=Actor.system("createsuperuser"),
                subject=user,
                data={"email": user.email, "is_superuser": True},
            )
        return user


class User(UuidModel, AbstractBaseUser, PermissionsMixin):
    """A colleague. Clients have no account; their people are contacts."""

    email = models.EmailField(
        "e-mail",
        unique=True,
        error_messages={"unique": "A colleague with this address exists."},
        help_text="The sign-in name. Letters to this colleague go here.",
    )
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(
        "may sign in",
        default=True,
        help_text="Switching this off ends sign-in and every open session.",
    )
    is_staff = models.BooleanField(default=True, editable=False)
    expires_on = models.DateField(
        "last day",
        null=True,
        blank=True,
        help_text="The last day this colleague may sign in, by their own clock.",
    )
    time_zone = models.CharField(
        max_length=64, default=default_time_zone, validators=[check_time_zone]
    )
    away_until = models.DateField(
        null=True, blank=True, help_text="Deputies serve their clients until this day."
    )
    date_joined = models.DateTimeField("added", default=timezone.now, editable=False)
    digest_on = models.DateField(
        "last morning letter", null=True, blank=True, editable=False
    )
    changed_at = models.DateTimeField(
        "address, role or standing changed", null=True, blank=True, editable=False
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]  # noqa: RUF012  what Django declares

    class Meta:
        ordering = ("name",)
        verbose_name = "colleague"
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message="A colleague with this address exists.",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = UserManager.normalize_email(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the person and keep their sign-in address in step.

        Sign-in looks addresses up in allauth's table and sends anybody without a
        verified one to a confirmation page. We vouch for our colleagues' addresses:
        one each, verified and primary.
        """
        self.email = UserManager.normalize_email(self.email)
        with transaction.atomic(using=kwargs.get("using")):
            super().save(*args, **kwargs)
            fields = kwargs.get("update_fields")
            if fields is None or "email" in fields:
                self._vouch_for_address()

    def _vouch_for_address(self) -> None:
        addresses = EmailAddress.objects.filter(user=self)
        addresses.exclude(email=self.email).delete()
        addresses.update_or_create(
            user=self,
            email=self.email,
            defaults={"verified": True, "primary": True},
        )

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split()[0] if self.name else self.email

    @property
    def zone(self) -> dt.tzinfo:
        """The person's clock; the agency's where theirs is not known any more."""
        return clock(self.time_zone)

    @property
    def today(self) -> dt.date:
        return timezone.localdate(timezone=self.zone)

    @property
    def has_expired(self) -> bool:
        """True from the day after `expires_on`: the last day still works."""
        return self.expires_on is not None and self.expires_on < self.today

    @property
    def may_sign_in(self) -> bool:
        return self.is_active and not self.has_expired

    @property
    def is_known(self) -> bool:
        """True a week after joining and after any change of address, role or standing.

        Two people stand for what one alone may not do: neither is made, moved or
        raised for it a moment before.
        """
        return (self.changed_at or self.date_joined) <= timezone.now() - KNOWN_FOR

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The names of their groups."""
        return frozenset(self._allowed_by_role)

    @property
    def role_permissions(self) -> set[str]:
        """What their roles may do with the tables, like accounts.view_client."""
        return set().union(*self._allowed_by_role.values())

    @cached_property
    def _allowed_by_role(self) -> dict[str, set[str]]:
        """Their groups, each with what it may do, read in one query."""
        allowed: dict[str, set[str]] = {}
        permission = "permissions__content_type__app_label", "permissions__codename"
        for role, app_label, codename in self.groups.values_list("name", *permission):
            may = allowed.setdefault(role, set())
            if codename:
                may.add(f"{app_label}.{codename}")
        return allowed

    @property
    def sees_all_clients(self) -> bool:
        return roles.sees_all_clients(self)

    @property
    def is_away(self) -> bool:
        """True through `away_until`, by their own clock: deputies serve meanwhile."""
        return self.away_until is not None and self.away_until >= self.today

    @property
    def is_at_work(self) -> bool:
        return self.may_sign_in and not self.is_away

    def client_keys(self) -> models.QuerySet[Any, Any]:
        """The keys of the clients they serve today: a subquery, or values if iterated.

        Who leads or buys media serves until the last day of the assignment; a deputy
        only while the lead is not at work, or while nobody leads.
        """
        waits = {"role": "deputy", "client_id__in": self._led_by_others}
        return (
            self.assignments.live().exclude(**waits).values_list("client_id", flat=True)
        )

    @cached_property
    def _led_by_others(self) -> list[Any]:
        """The clients they stand by for and whose lead is at work; read once.

        No query can tell: every lead's day ends by another clock.
        """
        stands_by = self.assignments.live().filter(role="deputy").values("client_id")
        leads = self.assignments.model.objects.live().filter(
            role="lead", client_id__in=stands_by
        )
        return [
            lead.client_id
            for lead in leads.select_related("user")
            if lead.user.is_at_work
        ]

    def story_keys(self) -> list[str]:
        """The keys the trail knows their clients by, those merged into them too."""
        pairs = self.client_keys().values_list("client_id", "client__merged")
        return sorted({str(key) for pair in pairs for key in pair if key})
