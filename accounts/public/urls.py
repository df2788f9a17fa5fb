"""What accounts itself must receive: our own sign-in, and our people's calendars."""

from __future__ import annotations

from django.urls import path

from accounts.public import agency, feeds

urlpatterns = [
    path("connect/agency/<str:platform>/", agency.come_back, name="agency_return"),
    path("connect/agency/<str:platform>/go/", agency.leave, name="agency_leave"),
    path("feeds/<str:token>.ics", feeds.show, name="calendar_feed"),
]
