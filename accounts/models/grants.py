"""Role grants and what stands behind them: approvals and attempts.

A grant is a role on an asset held by a grantee, wanted or held. An attempt is one
try to change it. Only a read ever makes it active.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts.models.assets import Asset, Grantee
from accounts.models.base import ClientQuerySet, UuidModel, free, is_today
from accounts.models.connections import Connection
from accounts.platforms.roles import every_role
from accounts.roles import is_media_buyer


class Approval(UuidModel):
    """Another person's yes or no to exactly what was asked, bound by a digest."""

    class Decision(models.TextChoices):
        WAITING = "waiting", "Waiting"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        VOID = "void", "Void: what was asked has changed"

    digest = models.CharField(max_length=64)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    decision = models.CharField(
        max_length=8, choices=Decision, default=Decision.WAITING
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="approval_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["approved", "refused"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="approval_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.get_decision_display()

    def allows(self, digest: str) -> bool:
        """True when this approves exactly what `digest` describes."""
        return self.decision == self.Decision.APPROVED and self.digest == digest


class RoleGrantQuerySet(ClientQuerySet["RoleGrant"]):
    client_path = "asset__client"

    def visible_to(self, user: Any) -> Any:
        """Who only uses accounts sees their own roles, too, whoever the client is."""
        seen = super().visible_to(user)
        if user.sees_all_clients or not is_media_buyer(user):
            return seen
        clients = Q(**{f"{self.client_path}__in": user.client_keys()})
        return self.filter(clients | self._own(user))

    def of_person(self, user: Any) -> RoleGrantQuerySet:
        """What this colleague holds, or is to hold, on accounts by our centers.

        What was taken from them, or lost, is theirs no more, nor is its page.
        """
        return self.filter(self._own(user))

    def _own(self, user: Any) -> Q:
        mine = Grantee.objects.filter(member__user=user.pk)
        is_gone = Q(state__in=(*RoleGrant.ENDED, RoleGrant.State.LOST))
        here = Q(via__isnull=False) | Q(family=RoleGrant.Family.CREATOR)
        return here & Q(grantee__in=mine.values("pk")) & ~is_gone

    def live(self) -> RoleGrantQuerySet:
        return self.exclude(state__in=RoleGrant.ENDED)

    def worked(self) -> RoleGrantQuerySet:
        """Grants the portal itself still has work with."""
        return self.filter(state__in=RoleGrant.WORKED)

    def due(self, now: dt.datetime) -> RoleGrantQuerySet:
        """Grants to bring on; those on creators' accounts go with what they serve."""
        due = self.worked().filter(free(now), next_check_at__lte=now)
        return due.exclude(family=RoleGrant.Family.CREATOR)


class RoleGrant(UuidModel):
    """A role on an asset, held or wanted by a grantee."""

    class Family(models.TextChoices):
        AD_ACCOUNT = "ad_account", "Ad account"
        SEAT = "seat", "Seat"
        FINANCE = "finance", "Finance"
        CREATOR = "creator_account", "Creator account"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        REQUESTING = "requesting", "Requesting"
        PENDING = "pending", "Must be accepted"
        UNVERIFIED = "unverified", "Not read back yet"
        ACTIVE = "active", "Active"
        DRIFTED = "drifted", "Drifted"
        LOST = "lost", "Lost"
        WITHDRAWING = "withdrawing", "Removing"
        WITHDRAWN = "withdrawn", "Removed"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Expired"
        FAILED = "failed", "Failed"
        MANUAL = "manual", "Do by hand"
        FOUND = "found", "Found, never asked"

    class WaitsOn(models.TextChoices):
        NOBODY = "", "Nobody"
        PORTAL = "portal", "The portal"
        CLIENT = "client", "The client"
        CLIENT_ADMIN = "client_admin", "A second admin at the client"
        CENTER_ADMIN = "center_admin", "Our Business Center admin"
        MEMBER = "member", "Whoever was invited"
        ACCOUNT_MANAGER = "account_manager", "The account manager"
        ACCESS_OWNER = "access_owner", "The access owner"
        PLATFORM = "platform", "The platform"

    class Source(models.TextChoices):
        LINK = "link", "One link"
        METHOD_A = "method_a", "Method A: we asked"
        METHOD_B = "method_b", "Method B: they invited us"
        STAFFED = "staffed", "Staffed"
        IMPORT = "import", "Imported"
        FOUND = "found", "Found, never asked"

    ENDED = (State.WITHDRAWN, State.DECLINED, State.EXPIRED, State.FAILED)
    UNSETTLED = (State.REQUESTING, State.PENDING, State.UNVERIFIED)
    # On its way up the ladder or down: the portal goes on with it by itself.
    WORKED = (*UNSETTLED, State.WITHDRAWING)
    # What a read last showed to be held, whether or not it is what we want.
    HELD = (State.ACTIVE, State.DRIFTED, State.FOUND)
    # What our people hold in a center itself, not on an account there.
    IN_CENTER = (Family.SEAT, Family.FINANCE)
    # What takes room in our center: held, and being taken back until a read says so.
    TAKES_ROOM = (*HELD, State.WITHDRAWING)

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="grants")
    grantee = models.ForeignKey(
        Grantee, on_delete=models.PROTECT, related_name="grants", db_index=False
    )
    via = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="under",
        help_text="The center's grant that this person's grant hangs on.",
    )
    family = models.CharField(max_length=16, choices=Family, default=Family.AD_ACCOUNT)
    asked_role = models.CharField(max_length=10, choices=every_role(), blank=True)
    observed_role = models.CharField(max_length=10, blank=True)
    observed_native = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    waits_on = models.CharField(
        "who acts next", max_length=16, choices=WaitsOn, blank=True
    )
    problem = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    approval = models.ForeignKey(
        Approval, null=True, blank=True, on_delete=models.PROTECT
    )
    reason = models.CharField(max_length=300, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    last_read = models.ForeignKey(
        "accounts.PlatformRead",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    due_on = models.DateField(
        null=True, blank=True, help_text="By when whoever is waited for should act."
    )
    ends_partner = models.BooleanField(
        default=False,
        help_text="Whoever takes it back chose to end the partnership with it.",
    )
    since = models.DateTimeField(default=timezone.now)
    stands = models.GeneratedField(
        # The database says it of every row, so that a list of one place is a look-up.
        # NULL where the clock decides, for most; what hangs on another: see standing.
        expression=Case(
            When(state="active", then=Value(None)),
            When(state__in=["drifted", "lost"], then=Value("trouble")),
            When(state="found", then=Value("found")),
            When(state="unverified", missed_at__isnull=False, then=Value("missed")),
            When(
                waits_on__in=[
                    *("account_manager", "center_admin", "access_owner", "member")
                ],
                then=Value("us"),
            ),
            When(state="draft", then=Value("draft")),
            When(waits_on__in=["client", "client_admin"], then=Value("client")),
            When(
                state__in=["withdrawn", "declined", "expired", "failed"],
                then=Value("over"),
            ),
            default=Value("busy"),
        ),
        output_field=models.CharField(max_length=8),
        db_persist=True,
        null=True,
    )
    next_check_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        ordering = ("asset__name",)
        constraints = (
            models.UniqueConstraint(
                fields=["asset", "grantee", "family"],
                condition=~Q(state__in=["withdrawn", "declined", "expired", "failed"]),
                name="grant_one_live",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(verified_at__isnull=False),
                name="grant_active_was_read",
            ),
            models.CheckConstraint(
                # What is merely found was asked of nobody.
                condition=~(
                    Q(asked_role="admin") | Q(family="finance") & ~Q(asked_role="")
                )
                | Q(approval__isnull=False, ends_on__isnull=False) & ~Q(reason=""),
                name="grant_admin_is_approved",
            ),
        )
        indexes = (
            models.Index(fields=["next_check_at"], name="grant_due"),
            # The few that are not held, each place in the order they wait.
            models.Index(
                fields=["stands", "since"],
                condition=Q(stands__isnull=False),
                name="grant_waits",
            ),
            # These are counted without looking at a row: all, or one holder's.
            models.Index(
                fields=["state", "verified_at", "waits_on", "via", "missed_at"],
                name="grant_stands",
            ),
            models.Index(
                fields=["grantee", "state", "verified_at"], name="grant_of_holder"
            ),
            # Most grants hang on another: the few that do not are found by themselves.
            models.Index(
                fields=["via"], condition=Q(via__isnull=False), name="grant_under"
            ),
            models.Index(
                fields=["stands"],
                condition=Q(via__isnull=True, stands__isnull=False),
                name="grant_of_center",
            ),
        )

    def __str__(self) -> str:
        return f"{self.asset} for {self.grantee}"

    @property
    def client(self) -> Any:
        return self.asset.client

    @property
    def is_in_center(self) -> bool:
        """True for a seat or a finance role: its asset is our center itself."""
        return self.family in self.IN_CENTER

    @property
    def is_placed(self) -> bool:
        """True for the role of one of our people on an account our center holds."""
        return self.via_id is not None and self.grantee.kind == Grantee.Kind.PERSON

    @property
    def is_held(self) -> bool:
        """True when the last clean read listed it, in whatever role."""
        return bool(self.observed_native) and self.missed_at is None

    @property
    def is_at_another_role(self) -> bool:
        """True when a role was asked for, and another one is held."""
        is_wanted = self.state in (self.State.UNVERIFIED, self.State.DRIFTED)
        return is_wanted and self.is_held and self.observed_role != self.asked_role

    @property
    def is_fresh(self) -> bool:
        """True when it was read back within 24 hours: the only green there is."""
        return self.state == self.State.ACTIVE and is_today(self.verified_at)


class GrantChangeQuerySet(ClientQuerySet["GrantChange"]):
    client_path = "grant__asset__client"

    def open(self) -> GrantChangeQuerySet:
        return self.filter(closed_at__isnull=True)

    def waiting(self) -> GrantChangeQuerySet:
        """Those that wait for another person's yes."""
        return self.open().filter(approval__decision=Approval.Decision.WAITING)


class GrantChange(UuidModel):
    """What somebody wants of a grant that stands: another role, or to adopt it.

    Admin and finance wait here for another person's yes; several may share one
    approval. The grant itself stays as it is until then.
    """

    class Kind(models.TextChoices):
        ROLE = "role", "Another role"
        ADOPT = "adopt", "Adopt"

    grant = models.ForeignKey(
        RoleGrant, on_delete=models.PROTECT, related_name="changes"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    role = models.CharField(max_length=10, choices=every_role())
    client = models.ForeignKey(
        "accounts.Client", null=True, blank=True, on_delete=models.PROTECT
    )
    reason = models.CharField(max_length=300, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    approval = models.ForeignKey(
        Approval,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="changes",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = GrantChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["grant"],
                condition=Q(closed_at__isnull=True),
                name="change_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(role="admin")
                | Q(approval__isnull=False, ends_on__isnull=False) & ~Q(reason=""),
                name="change_admin_is_approved",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_role_display()}, {self.grant}"


class GrantAttempt(UuidModel):
    """One try to change a grant; saved before the call is made."""

    class Operation(models.TextChoices):
        SHARE = "share", "Share"
        CHANGE = "change", "Change the role"
        UNSHARE = "unshare", "Stop sharing"
        UNASSIGN = "unassign", "Take our people off"
        END_PARTNER = "end", "End the partnership"
        ASSIGN = "assign", "Put one of our people on it"
        INVITE = "invite", "Invite"
        SEAT = "seat", "Change the seat"
        REMOVE = "remove", "Take out of the center"

    class Outcome(models.TextChoices):
        OPEN = "", "Not answered yet"
        SAID_YES = "said_yes", "The platform said yes"
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "No answer; a read decides"

    grant = models.ForeignKey(
        RoleGrant, on_delete=models.PROTECT, related_name="attempts"
    )
    operation = models.CharField(max_length=10, choices=Operation)
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    answer = models.CharField(max_length=300, blank=True)
    native_code = models.CharField(max_length=16, blank=True)
    trace_id = models.CharField(max_length=128, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["grant"], condition=Q(outcome=""), name="attempt_one_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.grant}"
