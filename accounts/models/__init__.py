"""The books: clients, what they own, who may touch it, and with which keys."""

from accounts.models.assets import AdAccount, Asset, BusinessCenter, Grantee
from accounts.models.clients import Assignment, Client, Contact
from accounts.models.connections import Connection, Consent, ConsentAttempt, Reach
from accounts.models.grants import Approval, GrantAttempt, RoleGrant
from accounts.models.limits import PlatformLimit
from accounts.models.people import User
from accounts.models.reads import GrantRead, PlatformRead
from accounts.outbound.models import PlatformApp
from accounts.trail.models import Event, EventPayload
from accounts.vault.models import VaultSecret

__all__ = [
    "AdAccount",
    "Approval",
    "Asset",
    "Assignment",
    "BusinessCenter",
    "Client",
    "Connection",
    "Consent",
    "ConsentAttempt",
    "Contact",
    "Event",
    "EventPayload",
    "GrantAttempt",
    "GrantRead",
    "Grantee",
    "PlatformApp",
    "PlatformLimit",
    "PlatformRead",
    "Reach",
    "RoleGrant",
    "User",
    "VaultSecret",
]
