"""Requests for access, the links that carry them, and the visits they get."""

from onboarding.models.advice import AttributionAdvice
from onboarding.models.links import AccessLink, LinkSession
from onboarding.models.reminders import Reminder
from onboarding.models.requests import AccessRequest, ItemGrant, RequestItem
from onboarding.models.spark import SparkLink, SparkVisit

__all__ = [
    "AccessLink",
    "AccessRequest",
    "AttributionAdvice",
    "ItemGrant",
    "LinkSession",
    "Reminder",
    "RequestItem",
    "SparkLink",
    "SparkVisit",
]
