"""The stock admin with our models, to measure ours against in the same process."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path

from agencyportal import urls

INDEX = "/stock/"
# The suite's collected static files are nobody's; the plain names cost the least.
STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def engines() -> list[dict[str, Any]]:
    """Return TEMPLATES with one more engine, which knows none of our templates."""
    bare = deepcopy(settings.TEMPLATES[0])
    bare |= {"NAME": "stock", "DIRS": []}
    return [*settings.TEMPLATES, bare]


class StockSite(admin.AdminSite):
    """Django's own index page, with every model our desks show."""

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        response = super().index(request, extra_context)
        response.using = "stock"
        return response


def _stock_site() -> StockSite:
    site = StockSite(name="stock")
    for model in admin.site._registry:
        site.register(model)
    return site


urlpatterns = [path("stock/", _stock_site().urls), *urls.urlpatterns]
