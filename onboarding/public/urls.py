"""Every page a person without an account can reach."""

from __future__ import annotations

from django.urls import path

from onboarding.public import inviting, links, returning, spark, visits

urlpatterns = [
    path("l/<str:token>/", links.show, name="link"),
    path("l/<str:token>/start/<uuid:item_id>/", links.start, name="link_start"),
    path("l/<str:token>/invited/<uuid:item_id>/", inviting.say, name="link_invited"),
    path("fresh-link/", links.send_fresh, name="fresh_link"),
    path("visit/<uuid:session_id>/", visits.show, name="visit"),
    path("visit/<uuid:session_id>/leave/", visits.leave, name="visit_leave"),
    path("visit/<uuid:session_id>/again/", visits.again, name="visit_again"),
    path("visit/<uuid:session_id>/not-me/", visits.not_me, name="visit_not_me"),
    path("s/<str:token>/", spark.show, name="spark_link"),
    path("s/<str:token>/start/", spark.start, name="spark_start"),
    path("creator/<uuid:visit_id>/", spark.visit, name="spark_visit"),
    path("creator/<uuid:visit_id>/leave/", spark.leave, name="spark_leave"),
    path("connect/client/<str:platform>/", returning.client, name="client_return"),
    path("connect/creator/<str:platform>/", returning.creator, name="creator_return"),
]
