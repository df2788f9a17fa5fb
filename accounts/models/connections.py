"""Keys, the permissions behind them, and what they reach.

A consent is somebody's permission to try, a connection is the key. They live and die
apart from the access itself: a dead key is not lost access.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.assets import Asset, known_platform
from accounts.models.base import ClientQuerySet, UuidModel
from accounts.models.clients import Client

ENDS_SOON = dt.timedelta(days=30)


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def live(self) -> ConnectionQuerySet:
        return self.filter(state=Connection.State.LIVE)

    def standing(self) -> ConnectionQuerySet:
        """Keys that work, and those a new sign-in would mend."""
        return self.exclude(state__in=Connection.ENDED)

    def need_a_person(self) -> ConnectionQuerySet:
        """Keys that are dead, troubled, held for a decision, or about to end."""
        soon = timezone.now() + ENDS_SOON
        held = Consent.objects.filter(state=Consent.State.HELD).values("connection")
        return self.standing().filter(
            Q(state=Connection.State.NEEDS_REAUTHORIZATION)
            | ~Q(problem="")
            | Q(expires_at__lte=soon)
            | Q(pk__in=held)
        )

    def visible_to(self, user: Any) -> ConnectionQuerySet:
        """Keys of the user's clients.

        A creator's is theirs while an authorization of theirs needs it; one that has
        ended serves nobody any more, and stays with those it has served.
        """
        if user.sees_all_clients:
            return self
        keys = user.client_keys()
        spark = apps.get_model("accounts", "SparkAuthorization")
        asked = spark.objects.filter(client__in=keys, connection__isnull=False)
        return self.filter(
            Q(pk__in=Consent.objects.filter(client__in=keys).values("connection"))
            | Q(pk__in=asked.exclude(state__in=spark.ENDED).values("connection"))
            | Q(state__in=Connection.ENDED, pk__in=asked.values("connection"))
        )

    def of_agency(self, platform: str) -> ConnectionQuerySet:
        """Live keys of our own people."""
        return self.live().filter(
            platform=platform,
            consents__purpose=Consent.Purpose.AGENCY,
            consents__state=Consent.State.GIVEN,
        )


class Connection(UuidModel):
    """One login's key to one app: one token, however many clients it serves.

    `vault_ref` leads to what opens the platform, `refresh_ref` to what renews it where
    that is possible. `access_until` and `expires_at` are as the platform told them:
    until when the first works, and when a person must consent anew. `problem` goes
    when the key works again; `last_problem` and `problem_at` stay. `version` grows
    with every new pair, and whoever writes about an older one writes nothing.
    """

    class Kind(models.TextChoices):
        LOGIN = "login", "Login"
        CREATOR = "creator", "Creator"

    class State(models.TextChoices):
        LIVE = "live", "Works"
        NEEDS_REAUTHORIZATION = "needs_reauthorization", "Connect again"
        DROPPED = "dropped", "Dropped"
        REVOKED = "revoked", "Revoked"

    ENDED = (State.DROPPED, State.REVOKED)

    platform = models.CharField(max_length=24, validators=[known_platform])
    app_id = models.CharField(max_length=64)
    external_user_id = models.CharField(max_length=64)
    label = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.LOGIN)
    scopes = models.JSONField(default=list)
    state = models.CharField(max_length=24, choices=State, default=State.LIVE)
    access_until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    problem = models.CharField(max_length=300, blank=True)
    last_problem = models.CharField(max_length=300, blank=True)
    problem_at = models.DateTimeField(null=True, blank=True)
    vault_ref = models.CharField(max_length=200, blank=True)
    refresh_ref = models.CharField(max_length=200, blank=True)
    refresh_due_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(
        default=0, help_text="Failed refreshes in a row."
    )
    resends = models.PositiveIntegerField(
        default=0, help_text="Refreshes sent again because nobody knows their result."
    )
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When the managers were told of its trouble."
    )
    end_told = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of how many days before its end they know."
    )
    made_at = models.DateTimeField(default=timezone.now)
    key_given_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = "key"
        ordering = ("-made_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["platform", "app_id", "external_user_id"],
                condition=~Q(state__in=["dropped", "revoked"]),
                name="connection_one_live_per_login",
            ),
        )
        indexes = (
            models.Index(
                fields=["refresh_due_at"],
                condition=Q(state="live", refresh_due_at__isnull=False),
                name="connection_due",
            ),
        )

    def __str__(self) -> str:
        return self.label or self.external_user_id

    def clients_served(self) -> models.QuerySet[Client]:
        """Those whose accounts it opens, or whose posts, until that is over."""
        spark = apps.get_model("accounts", "SparkAuthorization")
        asked = spark.objects.filter(connection=self).exclude(state__in=spark.ENDED)
        given = Consent.objects.standing().filter(connection=self)
        return Client.objects.filter(
            Q(pk__in=given.values("client")) | Q(pk__in=asked.values("client"))
        )


class ConsentQuerySet(ClientQuerySet["Consent"]):
    def standing(self) -> ConsentQuerySet:
        """Consents nobody has withdrawn, those held for a decision among them."""
        return self.exclude(state=Consent.State.WITHDRAWN)


class Consent(models.Model):
    """Somebody's permission to use their key for one purpose."""

    class Purpose(models.TextChoices):
        AGENCY = "agency", "Our own side"
        CLIENT = "client", "A client's accounts"
        CREATOR = "creator", "A creator's account"

    class State(models.TextChoices):
        HELD = "held", "Held for a decision"
        GIVEN = "given", "Given"
        WITHDRAWN = "withdrawn", "Withdrawn"

    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="consents"
    )
    purpose = models.CharField(max_length=8, choices=Purpose)
    client = models.ForeignKey(
        Client,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="consents",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="consents",
    )
    creator = models.ForeignKey(
        "accounts.Creator",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="consents",
    )
    state = models.CharField(max_length=10, choices=State, default=State.GIVEN)
    held_because = models.CharField(max_length=300, blank=True)
    wording_version = models.CharField(max_length=16)
    keeps_key = models.BooleanField(default=True)
    given_at = models.DateTimeField(default=timezone.now)
    end_asked_at = models.DateTimeField(null=True, blank=True)
    # When its end began, which may be tried again: it is over with its state.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ("-given_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(purpose="agency", client__isnull=True, user__isnull=False)
                | Q(purpose="client", client__isnull=False)
                | Q(purpose="creator", client__isnull=True, creator__isnull=False),
                name="consent_names_whose",
            ),
            models.UniqueConstraint(
                fields=["connection", "purpose", "client"],
                condition=~Q(state="withdrawn") & Q(purpose="client"),
                name="consent_one_per_client",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=~Q(state="withdrawn") & Q(purpose="agency"),
                name="consent_one_for_agency",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=~Q(state="withdrawn") & Q(purpose="creator"),
                name="consent_one_of_creator",
            ),
        )

    def __str__(self) -> str:
        return f"{self.connection}: {self.get_purpose_display()}"


class ReachQuerySet(ClientQuerySet["Reach"]):
    client_path = "asset__client"


class Reach(models.Model):
    """What a key can touch: centers of ours, and accounts a client has ticked."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="reaches"
    )
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="reaches")
    native_role = models.CharField(max_length=64, blank=True)
    can_grant = models.BooleanField(default=False)
    why_not = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = ReachQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["connection", "asset"], name="reach_once"),
        )

    def __str__(self) -> str:
        return f"{self.connection} reaches {self.asset}"


class ConsentAttempt(UuidModel):
    """One trip to a platform's consent page and back, good once."""

    class Outcome(models.TextChoices):
        OPEN = "", "On its way"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    platform = models.CharField(max_length=24, validators=[known_platform])
    purpose = models.CharField(max_length=8, choices=Consent.Purpose)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    client = models.ForeignKey(
        Client, null=True, on_delete=models.PROTECT, related_name="+"
    )
    creator = models.ForeignKey(
        "accounts.Creator", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state_hash = models.CharField(max_length=64, unique=True)
    browser_hash = models.CharField(max_length=64)
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN)
    scopes = models.JSONField(default=list)
    vault_ref = models.CharField(max_length=200, blank=True)
    refresh_ref = models.CharField(max_length=200, blank=True)
    access_until = models.DateTimeField(null=True)
    key_expires_at = models.DateTimeField(null=True)
    connection = models.ForeignKey(
        Connection, null=True, on_delete=models.PROTECT, related_name="attempts"
    )

    def __str__(self) -> str:
        return f"Consent attempt {self.pk}"
