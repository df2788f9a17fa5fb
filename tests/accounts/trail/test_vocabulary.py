"""No event lacks a sentence: every action in the source stands in the vocabulary."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib import admin

from accounts.admin.base import Desk, SeenDesk
from accounts.models import (
    Approval,
    Connection,
    ConsentAttempt,
    GrantAttempt,
    PostAuthorization,
    RoleGrant,
    SparkAuthorization,
)
from accounts.trail.vocabulary import known_actions

APPS = ("accounts", "onboarding", "audit", "agencyportal")
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
# Actions that hold a value: every value there is, less those no flow of today reaches.
SPELT_OUT = {
    "approval.{}": set(Approval.Decision) - {Approval.Decision.WAITING},
    "connection.{}": set(Connection.ENDED),
    "consent.{}": set(ConsentAttempt.Outcome) - {ConsentAttempt.Outcome.OPEN},
    "grant.{}_sent": set(GrantAttempt.Operation),
    "grant.{}": set(RoleGrant.State)
    - {RoleGrant.State.DRAFT, RoleGrant.State.WITHDRAWING},
    "post.{}": set(PostAuthorization.State),
    "request.{}": {"settled", "expired", "cancelled"},
    "second_factor.{}": {"added", "removed"},
    "spark.{}": set(SparkAuthorization.State),
    "user.role_{}": {"given", "taken"},
}


def calls_of_record() -> Iterator[tuple[str, ast.Call]]:
    for app in APPS:
        for path in sorted(Path(settings.BASE_DIR, app).rglob("*.py")):
            if "simulator" in path.parts:  # its records are not the trail's
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _is_record(node.func):
                    yield f"{path.name}:{node.lineno}", node


def _is_record(called: ast.expr) -> bool:
    name = called.id if isinstance(called, ast.Name) else ""
    name = called.attr if isinstance(called, ast.Attribute) else name
    return name.startswith(("record", "_record", "tell", "_tell", "begin"))


def literals(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def template(spelt: ast.JoinedStr) -> str:
    """Return an f-string with {} where a value stands."""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}"
        for part in spelt.values
    )


def saved_at_desks() -> Iterator[str]:
    """Yield what desks record themselves: their rows added and changed by hand."""
    admin.autodiscover()
    for model, desk in admin.site._registry.items():
        if isinstance(desk, Desk) and not isinstance(desk, SeenDesk):
            for saved in (model, *(inline.model for inline in desk.inlines)):
                yield f"{saved._meta.model_name}.added"
                yield f"{saved._meta.model_name}.changed"


def actions_in_source() -> dict[str, str]:
    """Return every action by the place that records it."""
    found = {}
    for place, call in calls_of_record():
        for argument in [*call.args, *(k.value for k in call.keywords)][:2]:
            if isinstance(argument, ast.JoinedStr):
                first = argument.values[0]
                if not isinstance(first, ast.Constant):  # a desk's own save
                    found |= dict.fromkeys(saved_at_desks(), place)
                    continue
                shape = template(argument)
                found |= {shape.format(value): place for value in SPELT_OUT[shape]}
            else:
                for text in literals(argument):
                    if ACTION.fullmatch(text):
                        found[text] = place
    return found


def test_every_action_of_the_source_has_a_sentence() -> None:
    found = actions_in_source()
    assert {"link.started", "grant.share_sent", "consent.granted", "vault.read"} <= set(
        found
    )
    untold = set(found) - set(known_actions())
    assert not untold, {action: found[action] for action in untold}


def test_no_sentence_has_a_value_without_a_name() -> None:
    sentences = known_actions().values()
    assert all(sentences)
    assert not [said for said in sentences if re.search(r"\{\W|\{\}", said)]
