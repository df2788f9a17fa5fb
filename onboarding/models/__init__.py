"""Requests for access, the links that carry them, and the visits they get."""

from onboarding.models.links import AccessLink, LinkSession
from onboarding.models.requests import AccessRequest, ItemGrant, RequestItem

__all__ = ["AccessLink", "AccessRequest", "ItemGrant", "LinkSession", "RequestItem"]
