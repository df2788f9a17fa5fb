"""The client's desk: accounts with their ladders, links, keys, people, story."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import (
    Count,
    F,
    ForeignKey,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import rows
from accounts.admin.base import Desk
from accounts.admin.forms import AssignmentRows, ClientForm, ContactForm, ContactRows
from accounts.admin.panels import PANEL, Panel
from accounts.models import (
    Assignment,
    Client,
    Consent,
    Contact,
    Event,
    Grantee,
    RoleGrant,
)
from accounts.trail import Actor, record

State = RoleGrant.State
NO_GRANTS = {"live": 0, "active": 0, "waiting": 0}


class ContactInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Contact
    form = ContactForm
    formset = ContactRows
    fields = (
        ("name", "email"),
        ("job", "language"),
        ("time_zone", "is_primary", "is_active"),
    )

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A new client begins with the contact who decides."""
        return 0 if obj else 1

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AssignmentInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Assignment
    formset = AssignmentRows
    extra = 0
    fields = ("user", "role", "until")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        assignments: QuerySet[Assignment] = super().get_queryset(request)
        return assignments.select_related("user", "client")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Read the colleagues once, not once a row; a list would count them, too."""
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.choices = [choice for choice in field.choices]
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def grants_of(client: Any) -> list[RoleGrant]:
    """Return the client's grants, those that wait first; read once a page."""
    if not hasattr(client, "grants_here"):
        grants = RoleGrant.objects.filter(asset__client=client).select_related(
            "asset__center", "grantee"
        )
        client.grants_here = list(grants.order_by(F("waits_on").desc(), "asset__name"))
        for grant in client.grants_here:
            grant.asset.client = client
    found: list[RoleGrant] = client.grants_here
    return found


def _accounts(request: HttpRequest, client: Client) -> dict[str, Any]:
    grants = grants_of(client)
    works = sum(grant.is_fresh for grant in grants)
    note = f"{works} of {len(grants)} read back today" if grants else ""
    return {"grants": [rows.grant_row(grant) for grant in grants], "note": note}


def _keys(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("accounts.view_connection"):
        return None
    return {"keys": [rows.key_row(consent) for consent in client.consents.all()]}


def _people(request: HttpRequest, client: Client) -> dict[str, Any]:
    may_see_contacts = request.user.has_perm("accounts.view_contact")
    people = [
        {
            "label": contact.job or "Contact",
            "name": contact.name,
            "email": contact.email,
            "note": contact.email_problem if contact.is_active else "No longer there",
        }
        for contact in (client.contacts.all() if may_see_contacts else ())
    ]
    people += [
        {
            "label": assignment.get_role_display(),
            "name": str(assignment.user),
            "note": _duty(client, assignment),
        }
        for assignment in client.assignments.all()
        if assignment.is_live
    ]
    return {"people": people}


def _duty(client: Client, assignment: Assignment) -> str:
    """Say who serves now, where a lead is away or a deputy stands in."""
    colleague, lead = assignment.user, client.lead
    if not colleague.may_sign_in:
        return "May not sign in"
    if colleague.is_away:
        return f"Away until {colleague.away_until:%-d %B}"
    if assignment.role != Assignment.Role.DEPUTY:
        return ""
    if lead is None:
        return "Serves now: nobody leads"
    if lead.is_away:
        return f"Serves while {lead} is away until {lead.away_until:%-d %B}"
    return "Stands by" if lead.may_sign_in else f"Serves now: {lead} may not sign in"


def _story(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    told = rows.story_panel(request.user, Event.objects.of_client(client))
    if told is None:
        return None
    url = reverse("admin:accounts_event_changelist")
    whole = {"note": "The whole trail", "url": f"{url}?client_key={client.pk}"}
    return {**told, **whole}


@admin.register(Client)
class ClientAdmin(Desk):
    noun = "client"
    panels = (
        Panel("Accounts", PANEL("accounts"), _accounts, 10),
        Panel("Keys", PANEL("keys"), _keys, 40, "side"),
        Panel("People", PANEL("people"), _people, 50, "side"),
        Panel("Story", PANEL("story"), _story, 90, "side"),
    )
    form = ClientForm
    list_display = ("name", "status", "account_manager", "works", "waits")
    list_filter = ("status", "vertical")
    search_fields = ("name",)
    search_help_text = "Name of the client"
    fields = (
        ("name", "vertical"),
        "save_anyway",
        ("time_zone", "language"),
        "default_center",
    )
    inlines = (ContactInline, AssignmentInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        clients: QuerySet[Client] = super().get_queryset(request)
        return clients.prefetch_related(
            Prefetch("assignments", Assignment.objects.select_related("user"))
        )

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer our own centers as receivers: the others are clients' and partners'."""
        if db_field.name == "default_center":
            kwargs["queryset"] = Grantee.objects.receivers()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Tell the form, made anew for every request, who reads its warnings."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Client | None:
        client: Client | None = super().get_object(request, object_id, from_field)
        if client is not None:
            consents = Consent.objects.standing().select_related("connection")
            prefetch_related_objects(
                [client], "contacts", Prefetch("consents", consents)
            )
        return client

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Count grants for the clients of this page alone, in one query."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        counts = count_grants(page.result_list)
        for client in page.result_list:
            client.grants = counts.get(client.pk, NO_GRANTS)
        return page

    @admin.display(description="account manager")
    def account_manager(self, client: Client) -> str:
        return str(client.lead or "Nobody yet")

    @admin.display(description="active")
    def works(self, client: Any) -> str:
        return f"{client.grants['active']} of {client.grants['live']}"

    @admin.display(description="waiting")
    def waits(self, client: Any) -> int:
        return int(client.grants["waiting"])

    def subtitle(self, request: HttpRequest, obj: Client) -> str:
        lead = obj.lead
        manager = "you" if lead == request.user else str(lead or "nobody yet")
        return f"{obj.get_status_display()}. Account manager: {manager}."

    def banner(self, request: HttpRequest, obj: Client) -> dict[str, Any] | None:
        """Say who acts next on the account that has waited longest."""
        if not obj.contacts.all():
            return {
                "tone": "wait",
                "title": "Next: enter the contact who decides.",
                "sentence": "Under Edit, Contacts. Links are mailed to contacts only.",
            }
        if refused := _refused_letter(request, obj):
            return refused
        nobody_here = {"", RoleGrant.WaitsOn.PORTAL}
        waits = [grant for grant in grants_of(obj) if grant.waits_on not in nobody_here]
        if not waits:
            return None
        waiting = min(waits, key=lambda grant: grant.since)
        row = rows.grant_row(waiting)
        return {
            "tone": "wait",
            "title": f"Next: {waiting.asset}. {row['pill']['word']}.",
            "sentence": waiting.problem or row["sentence"],
            "act": {"label": "Open it", "url": row["url"]},
        }

    def response_add(
        self, request: HttpRequest, obj: Client, post_url_continue: Any = None
    ) -> HttpResponse:
        """Lead on to the new client's page: the next act is there."""
        if set(request.POST) & {"_addanother", "_continue", "_popup"}:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, f"{obj} is in the books.")
        return redirect("admin:accounts_client_change", obj.pk)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        """Whoever adds a client leads it, unless somebody else was named."""
        super().save_related(request, form, formsets, change)
        client = form.instance
        if change or client.assignments.filter(role=Assignment.Role.LEAD).exists():
            return
        colleague: Any = request.user
        assignment = Assignment.objects.create(client=client, user=colleague)
        record(
            "assignment.added",
            by=Actor.staff(request.user),
            subject=assignment,
            client=client,
            data={"kind": "assignment", "fields": "user, role"},
        )


def _refused_letter(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Say that who decides gets no letters, to those who may see the address."""
    if not request.user.has_perm("accounts.view_contact"):
        return None
    for contact in client.contacts.all():
        if contact.is_primary and contact.is_active and contact.email_problem:
            return {
                "tone": "bad",
                "icon": "mail",
                "title": f"{contact} gets no letters.",
                "sentence": f"{contact.email_problem} The address is under Edit,"
                " Contacts. A link can be copied meanwhile.",
            }
    return None


def count_grants(clients: list[Client]) -> dict[Any, Any]:
    """Return {client key: {live, active, waiting}}."""
    counted = (
        RoleGrant.objects.live()
        .filter(asset__client__in=clients)
        .values("asset__client")
        .order_by()
        .annotate(
            live=Count("pk"),
            active=Count("pk", filter=Q(state=State.ACTIVE)),
            waiting=Count("pk", filter=Q(waits_on__gt="")),
        )
    )
    return {row["asset__client"]: row for row in counted}
