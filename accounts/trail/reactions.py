"""The socket by which the ground tells those above that something happened.

`react("grant.active", "onboarding.tasks.grant_settled")` in an AppConfig; record()
then queues that task with the event's id. The broker lives in the same database, so
the job exists exactly when the event does.
"""

from __future__ import annotations

from collections import defaultdict

from django_q.tasks import async_task

from accounts.trail.models import Event

_reactions: defaultdict[str, list[str]] = defaultdict(list)


def react(action: str, task: str) -> None:
    """Queue the dotted `task` with the event id whenever `action` is recorded."""
    if task not in _reactions[action]:
        _reactions[action].append(task)


def announce(event: Event) -> None:
    for task in _reactions[event.action]:
        async_task(task, event.pk)
