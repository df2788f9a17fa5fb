"""The roof's app configurations."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    name = "agencyportal"
    verbose_name = "Agency Portal"


class PortalAdminConfig(AdminConfig):
    default_site = "agencyportal.site.PortalAdminSite"
