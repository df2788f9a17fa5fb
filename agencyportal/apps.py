"""The roof's app configurations."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    name = "agencyportal"
    verbose_name = "Agency Portal"

    def ready(self) -> None:
        from accounts.signin.groups import allow, desk
        from accounts.trail import say
        from agencyportal.vocabulary import SENTENCES

        # The queue's own tables; to add one is to have a failed job run again.
        task = desk(managers="", buyers="", owners="view add")
        allow("django_q", {"task": task})
        say(SENTENCES)


class PortalAdminConfig(AdminConfig):
    default_site = "agencyportal.site.PortalAdminSite"
