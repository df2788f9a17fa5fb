"""Every address of the portal, in one place."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.signin.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.public.urls")),
    path("", include("onboarding.public.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("agencyportal.demo.urls")))
