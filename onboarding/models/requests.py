"""What we ask a client for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Approval, Client, Contact, Grantee, RoleGrant
from accounts.models.assets import known_platform
from accounts.models.base import ClientQuerySet, UuidModel
from accounts.platforms.roles import Role


def reminder_days() -> list[int]:
    return [2, 4, 6]


class AccessRequest(UuidModel):
    """One request to one contact; it closes when settled or on its date."""

    class Closed(models.TextChoices):
        OPEN = "", "Open"
        SETTLED = "settled", "Settled"
        EXPIRED = "expired", "Its date passed"
        CANCELLED = "cancelled", "Cancelled"

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="access_requests"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="access_requests"
    )
    message = models.TextField(blank=True, max_length=1000)
    language = models.CharField(max_length=12, default="en")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField()
    remind_after = models.JSONField(
        default=reminder_days,
        blank=True,
        help_text="Days after a hand-out on which the contact is reminded.",
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(
        max_length=10, choices=Closed, default=Closed.OPEN, blank=True
    )

    objects = ClientQuerySet["AccessRequest"].as_manager()

    class Meta:
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return f"Access to {self.client}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and timezone.now() < self.closes_at


class RequestItem(UuidModel):
    """One platform's part of a request: which role, for whom, on which accounts."""

    class Method(models.TextChoices):
        LINK = "link", "One link"
        METHOD_A = "method_a", "Method A: we ask in our Business Center"
        METHOD_B = "method_b", "Method B: the client invites us"

    request = models.ForeignKey(
        AccessRequest, on_delete=models.CASCADE, related_name="items"
    )
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    platform = models.CharField(max_length=24, validators=[known_platform])
    method = models.CharField(max_length=10, choices=Method, default=Method.LINK)
    receiver = models.ForeignKey(Grantee, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(
        max_length=10, choices=Role.choices(), default=Role.OPERATOR.value
    )
    account_ids = models.JSONField(
        default=list, blank=True, help_text="Named accounts; empty means any."
    )
    giver_id = models.CharField(
        max_length=64,
        blank=True,
        help_text="The client's Business Center, as the client named it: to look for"
        " what it shares. It proves nothing.",
    )
    keeps_key = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    approval = models.ForeignKey(
        Approval, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a colleague sent the request on the platform's website.",
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_open = models.BooleanField(default=True)

    objects = ClientQuerySet["RequestItem"].as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["client", "platform", "receiver"],
                condition=Q(is_open=True),
                name="item_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(role="admin")
                | Q(approval__isnull=False, ends_on__isnull=False) & ~Q(reason=""),
                name="item_admin_is_approved",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} on {self.platform} for {self.client}"

    @property
    def is_by_link(self) -> bool:
        """True when the client opens a link: to sign in, or to read how to invite."""
        return self.method != self.Method.METHOD_A

    @property
    def brings_key(self) -> bool:
        """True when the client signs in, so that we hold a key of theirs."""
        return self.method == self.Method.LINK


class ItemGrant(models.Model):
    """Which grants came of an item. A grant never knows its request."""

    item = models.ForeignKey(
        RequestItem, on_delete=models.CASCADE, related_name="item_grants"
    )
    grant = models.ForeignKey(
        RoleGrant, on_delete=models.PROTECT, related_name="item_grants"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["item", "grant"], name="item_grant_once"),
        )

    def __str__(self) -> str:
        return f"{self.item}: {self.grant}"
