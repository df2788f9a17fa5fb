"""What staff fill in to put our people on accounts: which, who, and each at what role.

What cannot be chosen stays in sight with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse

from accounts import rows
from accounts.admin.wishing import SURE, later_day
from accounts.flows import places, seats
from accounts.flows.places import Place
from accounts.flows.practices import why_left
from accounts.ladder import pill_of, role_of
from accounts.models import Grantee, RoleGrant, Team
from accounts.platforms.roles import Role, labelled

NOT_CHOSEN = ("", "As it is")
FIELD = "role_{}".format


@dataclass(frozen=True)
class Staffing:
    """What there is to choose from: accounts one center holds, and who sits in it."""

    center: Grantee | None
    accounts: Sequence[RoleGrant]
    people: Sequence[Grantee]

    @classmethod
    def of(cls, center: Grantee | None, accounts: Sequence[RoleGrant]) -> Staffing:
        ours = center.center if center else None
        seated = seats.seated(ours) if ours else Grantee.objects.none()
        people = sorted(seated.select_related("member"), key=rows.by_name)
        return cls(center, accounts, people)

    @property
    def open(self) -> list[RoleGrant]:
        return [via for via in self.accounts if not places.why_closed(via)]

    def account_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "key": str(via.pk),
                "name": str(via.asset),
                "external_id": rows.id_beside_name(via.asset),
                "held": f"{via.grantee} holds {role_of(via)}" if role_of(via) else "",
                "closed": places.why_closed(via),
                "pill": pill_of(via),
            }
            for via in self.accounts
        ]

    def roles_today(self) -> dict[Any, str]:
        """Return {person: at which role they are on how many of these accounts}."""
        on = RoleGrant.objects.filter(
            via__in=self.accounts, state__in=RoleGrant.HELD, missed_at__isnull=True
        )
        held: defaultdict[Any, Counter[str]] = defaultdict(Counter)
        for grant in on:
            held[grant.grantee_id][role_of(grant)] += 1
        return {
            person: ", ".join(_on(role, n) for role, n in sorted(counted.items()))
            for person, counted in held.items()
        }


def _on(role: str, number: int) -> str:
    return f"{role} on {number}" if number > 1 else role


class StaffForm(forms.Form):
    """Accounts to tick, a role for each person who sits in the center."""

    accounts = forms.MultipleChoiceField(
        error_messages={"required": "Tick at least one account."}
    )
    reason = forms.CharField(
        label="In one sentence",
        required=False,
        max_length=300,
        help_text="Needed for Admin; whoever reviews the access reads it.",
    )
    ends_on = forms.DateField(
        label="Admin until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Only for Admin. An access owner decides about it first.",
    )

    def __init__(self, *args: Any, there: Staffing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.there = there
        accounts: Any = self.fields["accounts"]
        accounts.choices = [(str(via.pk), str(via.asset)) for via in there.open]
        choices = [NOT_CHOSEN, *labelled((Role.ANALYST, Role.OPERATOR, Role.ADMIN))]
        for person in there.people:
            self.fields[FIELD(person.pk)] = forms.ChoiceField(
                label=str(person.member or person), choices=choices, required=False
            )

    def clean_ends_on(self) -> dt.date | None:
        return later_day(self.cleaned_data["ends_on"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        roles = [data.get(FIELD(person.pk)) for person in self.there.people]
        if not any(roles):
            self.add_error(None, "Choose a role for at least one person.")
        if Role.ADMIN in roles:
            if not data.get("reason"):
                self.add_error("reason", "Say why Operator is not enough.")
            if not data.get("ends_on") and "ends_on" not in self.errors:
                self.add_error("ends_on", "An Admin role needs a last day.")
        return data

    def places(self) -> list[Place]:
        """Return every chosen person on every ticked account."""
        data = self.cleaned_data
        ticked = [via for via in self.there.open if str(via.pk) in data["accounts"]]
        return [
            Place(via, person, Role(role))
            for via in ticked
            for person in self.there.people
            if (role := data[FIELD(person.pk)])
        ]

    def ticked(self) -> set[str]:
        """Return the keys of the accounts that are ticked as it stands."""
        return {str(key) for key in self["accounts"].value() or ()}

    def person_rows(self) -> list[dict[str, Any]]:
        today = self.there.roles_today()
        return [
            {
                "field": self[FIELD(person.pk)],
                "email": person.member.email if person.member else "",
                "today": today.get(person.pk, ""),
                "closed": why_left(person.member),
            }
            for person in self.there.people
        ]

    def again(self) -> forms.Form:
        """Return what was filled in as hidden fields, for the preview to send again."""
        data = {name: self[name].value() for name in self.fields}
        hidden = forms.Form(initial={**data, SURE: "yes"}, auto_id=False)
        for name, value in hidden.initial.items():
            many = isinstance(value, list)
            hidden.fields[name] = (
                forms.MultipleChoiceField(widget=forms.MultipleHiddenInput)
                if many
                else forms.CharField(widget=forms.HiddenInput)
            )
        return hidden


def roles_of(team: Team | None, people: Iterable[Grantee]) -> dict[str, str]:
    """Return the team's roles as the form's initial values, for those seated here."""
    if team is None:
        return {}
    by_member = dict(team.places.exclude(role="").values_list("member", "role"))
    return {
        FIELD(person.pk): by_member[person.member_id]
        for person in people
        if person.member_id in by_member and not why_left(person.member)
    }


def left_out(team: Team | None, there: Staffing) -> list[dict[str, str]]:
    """Return who of the team cannot be put on anything here, and why."""
    if team is None or there.center is None:
        return []
    seated = {person.member_id for person in there.people}
    out = []
    for place in team.places.exclude(role="").select_related("member"):
        member = place.member
        if no := why_left(member):
            out.append({"name": str(member), "no": no, "url": ""})
        elif member.pk not in seated:
            no = places.NO_SEAT.format(person=member, center=there.center)
            url = invite_url(there.center, member)
            out.append({"name": str(member), "no": no, "url": url})
    return out


def invite_url(center: Grantee, member: Any) -> str:
    """Return where a member is invited to a center of ours."""
    url = reverse("admin:accounts_invite", args=[center.center_id])
    return f"{url}?member={member.pk}" if member else url
