"""Desks of the journeys: asking, deciding, handing out."""

from onboarding.admin import requests  # noqa: F401
