"""The product's addresses, one brand-new page, and one marked public."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import View

from accounts.signin.public import public_page


def brand_new(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


class ForAnybody(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("outside")


urlpatterns = [
    path("brand-new/", brand_new, name="brand_new"),
    path("for-anybody/", public_page(ForAnybody.as_view()), name="for_anybody"),
    path("", include("agencyportal.urls")),
]
