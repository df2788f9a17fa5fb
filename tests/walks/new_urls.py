"""The portal's addresses and one nobody has put into the table."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from agencyportal.urls import urlpatterns as known

urlpatterns = [
    *known,
    path("brand-new/", lambda request: HttpResponse(), name="brand_new"),
]
