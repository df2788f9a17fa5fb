"""Where a welcome link leads. Everything else about signing in is allauth's."""

from __future__ import annotations

from django.urls import path

from accounts.signin import views

urlpatterns = [
    path("welcome/", views.set_password, name="signin_set_password"),
    path("welcome/<str:token>/", views.open_welcome, name="signin_welcome"),
]
