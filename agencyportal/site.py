"""The admin site: the menu on every page, "Today" on the first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path

from accounts.signin.site import StaffDoors
from agencyportal.jobs import desk as jobs
from agencyportal.menu import places_for
from agencyportal.today import today_for


class PortalAdminSite(StaffDoors):
    site_header = "Agency Portal"
    site_title = "Agency Portal"
    index_title = "Today"
    index_template = "admin/index.html"

    def get_urls(self) -> list[Any]:
        """Leave out the stock leap to a row's public page: no row of ours has one."""
        # Their room registers its desks with this very site.
        from accounts.admin import capacity, reference
        from onboarding.admin import spark

        stock: list[Any] = super().get_urls()
        again = self.admin_view(jobs.run_again)
        return [
            path("jobs/", self.admin_view(jobs.jobs), name="jobs"),
            path("jobs/<str:pk>/again/", again, name="jobs_again"),
            path("capacity/", self.admin_view(capacity.plan), name="accounts_capacity"),
            *reference.doors(self),
            *spark.doors(self),
            *(url for url in stock if getattr(url, "name", "") != "view_on_site"),
        ]

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        """List the desks of one app alone: the menu leads to all of them."""
        return super().get_app_list(request, app_label) if app_label else []

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "places": places_for(request)}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {**(extra_context or {}), **today_for(request.user)}
        return super().index(request, context)
