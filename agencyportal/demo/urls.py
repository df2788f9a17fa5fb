from __future__ import annotations

from django.urls import path

from agencyportal.demo import views

urlpatterns = [
    path("", views.choose, name="demo_choose"),
    path("sign-in/<str:key>/", views.sign_in_as, name="demo_sign_in"),
]
