"""What accounts itself must receive: the agency's own sign-in at a platform."""

from __future__ import annotations

from django.urls import path

from accounts.public import agency

urlpatterns = [
    path("connect/agency/<str:platform>/", agency.come_back, name="agency_return"),
    path("connect/agency/<str:platform>/go/", agency.leave, name="agency_leave"),
]
