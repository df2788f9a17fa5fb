"""The page of the jobs, and the button that runs a failed one again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from django_q.models import Failure
from django_q.tasks import async_task

from accounts.trail import Actor, record
from agencyportal.jobs import reading

SEES, RUNS = "django_q.view_task", "django_q.add_task"


def jobs(request: HttpRequest) -> HttpResponse:
    _only(request, SEES)
    timetable = reading.timetable()
    context = {
        **admin.site.each_context(request),
        "title": "Jobs",
        "counts": reading.counts(),
        "failed": reading.failed(may_run=request.user.has_perm(RUNS)),
        "waiting": reading.waiting(),
        "done": reading.done(),
        "timetable": timetable,
        "most": reading.MOST_ROWS,
        "desk_banner": _stands_still(timetable),
    }
    return render(request, "admin/jobs.html", context)


def _stands_still(timetable: list[reading.Row]) -> dict[str, Any] | None:
    since = reading.standing_since(timetable)
    if since is None:
        return None
    return {
        "tone": "bad",
        "icon": "failed",
        "title": "No worker runs the jobs.",
        "sentence": "What is due waits; nothing is lost. The operator starts it:"
        " manage.py run_worker.",
    }


@require_POST
def run_again(request: HttpRequest, pk: str) -> HttpResponse:
    """Queue a job that was given up once more; tasks may run twice."""
    _only(request, RUNS)
    with transaction.atomic():
        job = Failure.objects.select_for_update().filter(pk=pk).first()
        if job is None:
            raise Http404
        name = reading.named(job.func)["name"]
        if not reading.is_given_up(job):
            messages.info(request, f"“{name}” is tried again by itself.")
            return redirect("admin:jobs")
        async_task(job.func, *(job.args or ()), **(job.kwargs or {}))
        data = {"job": name, "said": reading.sentence_of(job.result)}
        record("job.run_again", by=Actor.staff(request.user), data=data)
        job.delete()
    messages.info(request, f"“{name}” is queued again.")
    return redirect("admin:jobs")


def _only(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
