"""Onboarding makes the entries: ask, connect, prove."""

from __future__ import annotations

from django.apps import AppConfig

SETTLING = ("grant.active", "grant.declined", "grant.failed", "grant.expired")


class OnboardingConfig(AppConfig):
    name = "onboarding"
    verbose_name = "Onboarding"

    def ready(self) -> None:
        from accounts.flows import merging, spark_moving
        from accounts.signin.groups import allow
        from accounts.trail import react, say
        from onboarding.admin.fixing import register_cards
        from onboarding.admin.next_acts import register_next
        from onboarding.admin.panels import register_panels
        from onboarding.flows import spark
        from onboarding.flows.carrying import PARTS
        from onboarding.permissions import TABLES
        from onboarding.vocabulary import SENTENCES

        allow("onboarding", TABLES)
        say(SENTENCES)
        merging.carry(*PARTS)
        spark_moving.add_way_out(spark.has_link)
        register_panels()
        register_cards()
        register_next()
        for action in SETTLING:
            react(action, "onboarding.tasks.grant_settled")
        react("creator.changed", "onboarding.tasks.creator_changed")
