"""What can be given access to, and who can hold it, as the platforms know them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.models.base import ClientQuerySet, UuidModel
from accounts.models.clients import Client
from accounts.models.members import Member
from accounts.platforms.registry import platforms


def known_platform(value: str) -> None:
    if value not in platforms():
        raise ValidationError(f"There is no platform called {value} here.")


class Asset(UuidModel):
    """A Business Center, an ad account or a creator's account. Ids are text, always."""

    class Kind(models.TextChoices):
        CENTER = "center", "Business Center"
        AD_ACCOUNT = "ad_account", "Ad account"
        CREATOR = "creator", "Creator account"

    class Owner(models.TextChoices):
        AGENCY = "agency", "Ours"
        CLIENT = "client", "The client"
        THIRD_PARTY = "third_party", "Somebody else"
        UNKNOWN = "unknown", "Unknown"

    platform = models.CharField(max_length=24, validators=[known_platform])
    kind = models.CharField(max_length=12, choices=Kind)
    external_id = models.CharField(max_length=64)
    name = models.CharField(max_length=250, blank=True)
    owner = models.CharField(max_length=12, choices=Owner, default=Owner.UNKNOWN)
    client = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.PROTECT, related_name="assets"
    )
    center = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="held",
        help_text="The Business Center that owns this account.",
    )
    creator = models.ForeignKey(
        "accounts.Creator",
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="accounts",
        help_text="Whose account it is; of creator accounts alone.",
    )
    currency = models.CharField(max_length=8, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    native_status = models.CharField(max_length=64, blank=True)
    is_sandbox = models.BooleanField(default=False)
    owning_email = models.EmailField(blank=True)

    objects = ClientQuerySet["Asset"].as_manager()

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(fields=["name"], name="asset_by_name"),
            models.Index(fields=["kind", "name"], name="asset_of_kind"),
            models.Index(
                fields=["creator"],
                condition=Q(creator__isnull=False),
                name="asset_of_creator",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["platform", "kind", "external_id"], name="asset_once"
            ),
            models.CheckConstraint(
                condition=~Q(owner="client") | Q(client__isnull=False),
                name="asset_client_named",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def is_nobodys(self) -> bool:
        """True until the books say whose it is: a client's, or ours."""
        return self.client_id is None and self.owner != self.Owner.AGENCY


class KindManager(models.Manager.from_queryset(ClientQuerySet)):  # type: ignore[misc]
    """Rows of one kind only."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind=self.kind)


class BusinessCenter(Asset):
    objects = KindManager(Asset.Kind.CENTER)  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = "Business Center"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.kind = Asset.Kind.CENTER
        super().save(*args, **kwargs)


class AdAccount(Asset):
    objects = KindManager(Asset.Kind.AD_ACCOUNT)  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = "ad account"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.kind = Asset.Kind.AD_ACCOUNT
        super().save(*args, **kwargs)


class CreatorAccount(Asset):
    objects = KindManager(Asset.Kind.CREATOR)  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = "creator account"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.kind = Asset.Kind.CREATOR
        super().save(*args, **kwargs)


class GranteeQuerySet(models.QuerySet["Grantee"]):
    def receivers(self) -> GranteeQuerySet:
        """Our Business Centers that could receive a client's accounts.

        Each with `keys`, how many live keys of ours administer it: a center that no
        key reads receives, but nothing about it can be proved.
        """
        reach = "center__reaches"
        login = f"{reach}__connection"
        ours = Q(
            **{
                f"{reach}__can_grant": True,
                f"{login}__state": "live",
                f"{login}__consents__purpose": "agency",
                f"{login}__consents__state": "given",
                f"{login}__consents__end_asked_at__isnull": True,
            }
        )
        return (
            self.filter(kind=Grantee.Kind.CENTER, standing=Grantee.Standing.OURS)
            .annotate(keys=models.Count(login, filter=ours, distinct=True))
            .order_by("-keys", "label")  # what can be proved stands first
        )


class Grantee(UuidModel):
    """Who holds a role, as the platform knows them."""

    class Kind(models.TextChoices):
        CENTER = "center", "Business Center"
        PERSON = "person", "Person"
        SYSTEM_USER = "system_user", "System user"

    class Standing(models.TextChoices):
        OURS = "ours", "Ours"
        CLIENT = "client", "The client's"
        KNOWN_PARTNER = "known_partner", "Known partner"
        UNKNOWN = "unknown", "Unknown"

    platform = models.CharField(max_length=24, validators=[known_platform])
    kind = models.CharField(max_length=12, choices=Kind)
    external_id = models.CharField(max_length=64)
    label = models.CharField(max_length=250, blank=True)
    standing = models.CharField(
        max_length=16, choices=Standing, default=Standing.UNKNOWN
    )
    center = models.OneToOneField(
        Asset,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="as_grantee",
    )
    member = models.ForeignKey(
        Member,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="grantees",
        help_text="Which of our people a platform's person is.",
    )

    objects = GranteeQuerySet.as_manager()

    class Meta:
        ordering = ("label",)
        constraints = (
            models.UniqueConstraint(
                fields=["platform", "kind", "external_id"], name="grantee_once"
            ),
        )

    def __str__(self) -> str:
        return self.label or self.external_id
