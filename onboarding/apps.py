"""Onboarding makes the entries: ask, connect, prove."""

from __future__ import annotations

from django.apps import AppConfig

SETTLING = ("grant.active", "grant.declined", "grant.failed", "grant.expired")


class OnboardingConfig(AppConfig):
    name = "onboarding"
    verbose_name = "Onboarding"

    def ready(self) -> None:
        from accounts.trail import react, say
        from onboarding.vocabulary import SENTENCES

        say(SENTENCES)
        for action in SETTLING:
            react(action, "onboarding.tasks.grant_settled")
