"""The admin site: the menu on every page, "Today" on the first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from accounts.signin.site import StaffDoors
from agencyportal.menu import places_for
from agencyportal.today import today_for


class PortalAdminSite(StaffDoors):
    site_header = "Agency Portal"
    site_title = "Agency Portal"
    index_title = "Today"
    index_template = "admin/index.html"

    def get_urls(self) -> list[Any]:
        """Leave out the stock leap to a row's public page: no row of ours has one."""
        urls: list[Any] = super().get_urls()
        return [url for url in urls if getattr(url, "name", "") != "view_on_site"]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "places": places_for(request)}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), **today_for(request)})
