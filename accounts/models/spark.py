"""Spark Ads: who lets us use their account, which posts, with what code, until when.

A creator belongs to no one client. Whom we serve there holds a role on the creator's
account, which is a grant like any other.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.assets import Asset, Grantee, known_platform
from accounts.models.base import ClientQuerySet, UuidModel, is_today
from accounts.models.clients import Client
from accounts.models.connections import Connection
from accounts.models.people import check_time_zone, default_time_zone


class CreatorQuerySet(models.QuerySet["Creator"]):
    def visible_to(self, user: Any) -> CreatorQuerySet:
        """Those whose accounts their clients use, and those no client uses yet."""
        if user.sees_all_clients:
            return self
        asked = SparkAuthorization.objects.filter(creator=models.OuterRef("pk"))
        theirs = asked.filter(client__in=user.client_keys())
        return self.filter(models.Exists(theirs) | ~models.Exists(asked))


class Creator(UuidModel):
    """Somebody whose posts become ads: a creator, or a client's own account."""

    name = models.CharField(max_length=120)
    handle = models.CharField(
        max_length=64, blank=True, help_text="As on the platform, like @aino.outdoors."
    )
    email = models.EmailField("e-mail", blank=True)
    language = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(
        max_length=64, default=default_time_zone, validators=[check_time_zone]
    )

    objects = CreatorQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["handle"],
                condition=~Q(handle=""),
                name="creator_handle_once",
                violation_error_message="A creator with this handle exists.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""

    @property
    def shown(self) -> str:
        """The handle with its sign, or the name of who has none here."""
        return f"@{self.handle}" if self.handle else self.name


class SparkAuthorization(UuidModel):
    """A creator's account for one client: what we asked for, what was proved.

    `asked` and `granted` hold words of `platforms.spark.WORDS`; what is granted was
    read back: by the creator's key (`connection`), by our center's list, or both.
    `shown` keeps apart what each of them told when it was read last ("key", "center";
    None for a list without the account), as each grows old by itself.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for the creator"
        UNVERIFIED = "unverified", "Not read back yet"
        ACTIVE = "active", "Active"
        LOST = "lost", "Lost"
        WITHDRAWING = "withdrawing", "Removing"
        WITHDRAWN = "withdrawn", "Removed"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Expired"

    class WaitsOn(models.TextChoices):
        CREATOR = "creator", "The creator"
        US = "us", "Us"
        PORTAL = "portal", "The portal"

    ENDED = (State.WITHDRAWN, State.DECLINED, State.EXPIRED)
    # Nothing new is asked, handed out or entered from here on.
    OVER = (*ENDED, State.WITHDRAWING)

    platform = models.CharField(max_length=24, validators=[known_platform])
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="spark_authorizations"
    )
    creator = models.ForeignKey(
        Creator, on_delete=models.PROTECT, related_name="authorizations"
    )
    is_own = models.BooleanField(
        default=False, help_text="The creator is the client itself."
    )
    account = models.ForeignKey(
        Asset,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="authorizations",
        help_text="The creator's account, once a list of our center shows it.",
    )
    center = models.ForeignKey(
        Asset,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Our Business Center that the account is added to.",
    )
    connection = models.ForeignKey(
        Connection,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="authorizations",
    )
    asked = models.JSONField(default=list)
    granted = models.JSONField(default=list)
    shown = models.JSONField(default=dict)
    campaign = models.CharField(max_length=120)
    campaign_ends_on = models.DateField()
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    waits_on = models.CharField(
        "who acts next",
        max_length=8,
        choices=WaitsOn,
        blank=True,
        default=WaitsOn.CREATOR,
    )
    problem = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField(
        help_text="Until when the creator may answer; the links end then."
    )
    served = models.ManyToManyField(
        Grantee,
        blank=True,
        related_name="+",
        help_text="Who of our people is to use it; their grants follow a read.",
    )
    qr_url = models.CharField(
        max_length=1000, blank=True, help_text="The Business Center's own link."
    )
    qr_made_at = models.DateTimeField(null=True, blank=True)
    key_read_at = models.DateTimeField(null=True, blank=True)
    center_read_at = models.DateTimeField(null=True, blank=True)
    center_gone_at = models.DateTimeField(
        null=True, blank=True, help_text="When a read no longer showed it there."
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    last_read = models.ForeignKey(
        "accounts.PlatformRead",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    next_check_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = ClientQuerySet["SparkAuthorization"].as_manager()

    class Meta:
        verbose_name = "Spark authorization"
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["client", "creator", "platform"],
                condition=~Q(state__in=["withdrawn", "declined", "expired"]),
                name="spark_one_live",
                violation_error_message="This creator is asked for the client already.",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(verified_at__isnull=False),
                name="spark_active_was_read",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="spark_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.creator.shown} for {self.client}"

    @property
    def is_over(self) -> bool:
        return self.state in self.OVER

    @property
    def missing(self) -> list[str]:
        """What was asked for and is not proved, in the order it was asked."""
        return [word for word in self.asked if word not in self.granted]

    @property
    def proved_today(self) -> set[str]:
        """What a side showed that was read within 24 hours."""
        read = {"key": self.key_read_at, "center": self.center_read_at}
        sides = [side for side, at in read.items() if is_today(at)]
        return {word for side in sides for word in self.shown.get(side) or ()}

    @property
    def is_in_center(self) -> bool:
        """True when our center's list showed the account when it was read last."""
        return self.shown.get("center") is not None

    @property
    def is_fresh(self) -> bool:
        """True when all that stands of what was asked was proved within 24 hours."""
        stands = set(self.asked) & set(self.granted)
        return self.state == self.State.ACTIVE and stands <= self.proved_today


class SparkAdAccountQuerySet(ClientQuerySet["SparkAdAccount"]):
    client_path = "authorization__client"


class SparkAdAccount(models.Model):
    """An ad account that is to run, or runs, ads with the creator's posts."""

    class State(models.TextChoices):
        WANTED = "wanted", "To be linked"
        LINKED = "linked", "Linked"
        ENDING = "ending", "To be unlinked"
        ENDED = "ended", "Unlinked"

    authorization = models.ForeignKey(
        SparkAuthorization, on_delete=models.CASCADE, related_name="ad_accounts"
    )
    ad_account = models.ForeignKey(
        Asset, on_delete=models.PROTECT, related_name="spark_links"
    )
    state = models.CharField(max_length=8, choices=State, default=State.WANTED)
    problem = models.CharField(max_length=300, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    objects = SparkAdAccountQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["authorization", "ad_account"], name="spark_ad_account_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.ad_account} with {self.authorization.creator.shown}"


class PostAuthorizationQuerySet(ClientQuerySet["PostAuthorization"]):
    client_path = "authorization__client"

    def live(self) -> PostAuthorizationQuerySet:
        return self.exclude(state__in=PostAuthorization.ENDED)


class PostAuthorization(UuidModel):
    """One post that may run as an ad until its code ends.

    The code is a secret and rests in the vault; `code_end` are its last characters.
    """

    class Source(models.TextChoices):
        TYPED = "typed", "Code from the creator"
        MINTED = "minted", "Made with the creator's key"

    class State(models.TextChoices):
        WAITING = "waiting", "Not bound yet"
        UNUSED = "unused", "Not used"
        ACTIVE = "active", "In use"
        FAILED = "failed", "Refused"
        ENDED = "ended", "Ended"
        WITHDRAWING = "withdrawing", "Removing"
        WITHDRAWN = "withdrawn", "Removed"

    ENDED = (State.FAILED, State.ENDED, State.WITHDRAWN)

    authorization = models.ForeignKey(
        SparkAuthorization, on_delete=models.PROTECT, related_name="posts"
    )
    ad_account = models.ForeignKey(
        Asset,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="posts",
        help_text="The ad account the code is bound to.",
    )
    source = models.CharField(max_length=8, choices=Source)
    item_id = models.CharField("post", max_length=64, blank=True)
    title = models.CharField(max_length=250, blank=True)
    code_ref = models.CharField(max_length=200, blank=True, editable=False)
    code_end = models.CharField("code", max_length=4, blank=True)
    code_digest = models.CharField(max_length=64, blank=True, editable=False)
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    native_status = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    verified_at = models.DateTimeField(null=True, blank=True)
    last_read = models.ForeignKey(
        "accounts.PlatformRead",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reminded = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of how many days before its end we know."
    )
    creator_reminded = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The same of the creator."
    )
    next_check_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = PostAuthorizationQuerySet.as_manager()

    class Meta:
        verbose_name = "Spark code"
        ordering = ("ends_at",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="active") | Q(verified_at__isnull=False),
                name="post_active_was_read",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="post_due",
            ),
            models.Index(fields=["ends_at"], name="post_ends"),
        )

    def __str__(self) -> str:
        return self.title or self.item_id or f"Code ending in {self.code_end}"


class CalendarFeed(UuidModel):
    """A colleague's calendar address, good until revoked; only its hash is stored."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at__isnull=True),
                name="feed_one_live",
            ),
        )

    def __str__(self) -> str:
        return f"Calendar of {self.user}"
