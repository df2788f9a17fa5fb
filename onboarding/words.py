"""What a client reads about a request, in plain words and in their language."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from accounts.platforms.registry import platform
from accounts.platforms.roles import Role
from accounts.zones import clock
from onboarding.models import AccessRequest, RequestItem

MAY = {
    Role.ANALYST: [_("see campaigns and read results")],
    Role.OPERATOR: [_("create, edit and pause ads"), _("read results")],
    Role.ADMIN: [
        _("create, edit and pause ads"),
        _("read results"),
        _("change payment and account settings"),
        _("decide who else has access to these accounts"),
    ],
}
CANNOT = {
    Role.ANALYST: [_("change anything"), _("see cards or invoices"), _("add people")],
    Role.OPERATOR: [
        _("see cards or invoices"),
        _("add people"),
        _("post from your profile"),
    ],
    Role.ADMIN: [_("post from your profile")],
}
NEVER = [
    _("ask for a password"),
    _("touch accounts you do not tick"),
    _("pass your accounts on to another company"),
]
KEEPS_KEY = _(
    "We keep your permission in our vault so that we can take ourselves out again when"
    " our work ends. You can end it in your Business Center at any time."
)
DROPS_KEY = _(
    "We drop your permission once your accounts are shared. From then on only you can"
    " take the share back, in your Business Center."
)
# Where a letter's button leads.
CHOOSE, INVITE_US = _("Choose the accounts"), _("See how to invite us")

# How the trail tells why a visit stopped.
STOPS = {
    "changed": "the request changed",
    "agency_login": "the login is one of our own",
    "code_expired": "the sign-in took too long",
    "discovery_failed": "the accounts could not be read",
    "missing_scopes": "permissions were withheld",
    "no_accounts": "the login has no ad accounts",
    "no_code": "the platform sent no answer along",
    "no_center": "the login has no Business Center",
    "none_shareable": "none of the accounts can be shared by this login",
    "not_admin": "the login is no admin of a Business Center",
    "other_client": "the login already serves another client",
    "other_creator": "the login is another creator's",
    "other_handle": "the login has another handle",
    "platform_down": "the platform did not answer",
    "refused": "the person said no",
    "second_login": "another login has answered, and this one may be anybody's",
    "unsure_handle": "the platform did not tell enough to compare the handle",
    "wrong_account": "the wrong account had signed in",
    "wrong_person": "the wrong person had signed in",
}


def clock_of(request: AccessRequest, contact: Contact | None = None) -> dt.tzinfo:
    """Return the clock of who reads: the contact's, their company's, or ours."""
    reader = contact or request.contact
    return clock(reader.time_zone, request.client.time_zone)


def describe_request(
    request: AccessRequest, item: RequestItem, *, to: Contact | None = None
) -> dict[str, Any]:
    """Return the `ask` of pages and letters: who asks whom for what, until when.

    `to` is who reads it, where that is another contact than the request's.
    """
    return {
        "client_name": request.client.name,
        "contact_name": request.contact.name,
        "contact_first_name": request.contact.first_name,
        "agency_name": settings.AGENCY_NAME,
        "manager_name": str(request.asked_by),
        "message": request.message,
        "closes_at": request.closes_at.astimezone(clock_of(request, to)),
        **describe_item(item),
    }


def describe_item(item: RequestItem) -> dict[str, Any]:
    role = Role(item.role)
    is_invitation = item.method == RequestItem.Method.METHOD_B
    return {
        "platform_label": platform(item.platform).label,
        "is_invitation": is_invitation,
        "leads_to": INVITE_US if is_invitation else CHOOSE,
        "role_label": role.label,
        "may": MAY[role],
        "cannot": CANNOT[role],
        "never": NEVER,
        "receiver_name": str(item.receiver),
        "receiver_id": item.receiver.external_id,
        "ends_on": item.ends_on,
        "keeps_key": item.keeps_key,
        "key_sentence": KEEPS_KEY if item.keeps_key else DROPS_KEY,
    }
