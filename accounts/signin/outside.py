"""What is done to colleagues beside the portal: a shell, a command, another program.

Inside a request or a task the desk, the flow or allauth's own signals tell the trail,
with the actor. What happens outside one is told here, as done at the server. A bare
UPDATE of a table passes by unseen: no signal is sent for it.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver

from accounts.models import User
from accounts.signin import trail
from accounts.trail import Actor, record
from accounts.trail.context import current_request_id

SERVER = Actor("system", "server", "Somebody at the server")

# What decides whether, and as whom, somebody gets in.
WATCHED = ("email", "is_active", "is_staff", "is_superuser", "expires_on")
VERBS = {"post_add": "given", "pre_remove": "taken", "pre_clear": "taken"}


def is_outside() -> bool:
    return not current_request_id()


@receiver(pre_save, sender=User)
def colleague_saved(
    instance: User, raw: bool, update_fields: Any = None, **kwargs: Any
) -> None:
    """Compare with the row; the save itself runs in the same transaction."""
    if raw or not is_outside():
        return
    known = User.objects.filter(pk=instance.pk).first()
    if known is None:
        return
    fields = [
        name for name in WATCHED if update_fields is None or name in update_fields
    ]
    if changed := [n for n in fields if getattr(known, n) != getattr(instance, n)]:
        labels = [_label(name) for name in changed]
        before = {name: getattr(known, name) for name in changed}
        after = {name: getattr(instance, name) for name in changed}
        told = {"fields": ", ".join(labels), "before": before, "after": after}
        _tell("user.changed", instance, **told)
    # Typed anew, that is: a hash made stronger at sign-in leaves no clear text behind.
    typed: Any = instance
    if typed._password is not None:
        _tell("user.password_given", instance)


def _label(name: str) -> str:
    field: Any = User._meta.get_field(name)
    return str(field.verbose_name)


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
def rights_changed(
    instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **kwargs: Any
) -> None:
    """Tell of each person and right, from whichever side it was written."""
    verb = VERBS.get(action)
    if verb is None or not is_outside():
        return
    rows = model.objects.all() if verb == "given" else _linked(instance, model)
    for row in rows if pk_set is None else rows.filter(pk__in=pk_set):
        person, right = (row, instance) if reverse else (instance, row)
        _tell(f"user.role_{verb}", person, role=str(right))


def _linked(instance: Any, model: Any) -> Any:
    """Return the rows of `model` that hang on the instance now."""
    if model is User:
        return instance.user_set.all()
    return instance.groups.all() if model is Group else instance.user_permissions.all()


@receiver(m2m_changed, sender=Group.permissions.through)
def role_changed(instance: Any, action: str, reverse: bool, **kwargs: Any) -> None:
    """Tell that a role means something else now; the next migration puts it right."""
    if action in {"post_add", "post_remove", "post_clear"} and is_outside():
        _tell("role.changed", instance)


@receiver(post_save, sender=Authenticator)
def factor_saved(instance: Authenticator, created: bool, **kwargs: Any) -> None:
    if created and is_outside():
        trail.record_factor(instance.user, instance, "added", by=SERVER)


@receiver(post_delete, sender=Authenticator)
def factor_deleted(instance: Authenticator, **kwargs: Any) -> None:
    if is_outside():
        trail.record_factor(instance.user, instance, "removed", by=SERVER)


def _tell(action: str, subject: Model, **data: Any) -> None:
    with transaction.atomic():
        record(action, by=SERVER, subject=subject, data=data)
