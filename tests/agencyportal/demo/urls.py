from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("demo/", include("agencyportal.demo.urls")),
    path("", include("tests.accounts.signin.urls")),
]
