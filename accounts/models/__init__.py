"""The books: clients, what they own, who may touch it, and with which keys."""

from accounts.models.assets import (
    AdAccount,
    Asset,
    BusinessCenter,
    CreatorAccount,
    Grantee,
)
from accounts.models.clients import Assignment, Client, Contact
from accounts.models.connections import Connection, Consent, ConsentAttempt, Reach
from accounts.models.grants import Approval, GrantAttempt, GrantChange, RoleGrant
from accounts.models.limits import PlatformLimit
from accounts.models.members import Member, Team, TeamPlace
from accounts.models.notices import KeyNotice
from accounts.models.people import User
from accounts.models.reads import CenterSync, GrantRead, PlatformRead, ReadPage
from accounts.models.resets import FactorReset
from accounts.models.spark import (
    CalendarFeed,
    Creator,
    PostAuthorization,
    SparkAdAccount,
    SparkAuthorization,
)
from accounts.outbound.models import PlatformApp
from accounts.trail.models import Event, EventPayload
from accounts.vault.models import VaultLogin, VaultSecret

__all__ = [
    "AdAccount",
    "Approval",
    "Asset",
    "Assignment",
    "BusinessCenter",
    "CalendarFeed",
    "CenterSync",
    "Client",
    "Connection",
    "Consent",
    "ConsentAttempt",
    "Contact",
    "Creator",
    "CreatorAccount",
    "Event",
    "EventPayload",
    "FactorReset",
    "GrantAttempt",
    "GrantChange",
    "GrantRead",
    "Grantee",
    "KeyNotice",
    "Member",
    "PlatformApp",
    "PlatformLimit",
    "PlatformRead",
    "PostAuthorization",
    "Reach",
    "ReadPage",
    "RoleGrant",
    "SparkAdAccount",
    "SparkAuthorization",
    "Team",
    "TeamPlace",
    "User",
    "VaultLogin",
    "VaultSecret",
]
