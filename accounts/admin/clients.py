"""The client's desk: accounts with their ladders, links, keys, people, story."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import (
    Count,
    Exists,
    ForeignKey,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from accounts.admin import client_page, merging, spark_page, staffing
from accounts.admin.base import Desk
from accounts.admin.client_grants import grants_of
from accounts.admin.filters import Words
from accounts.admin.forms import AssignmentRows, ClientForm, ContactForm, ContactRows
from accounts.models import (
    Assignment,
    Client,
    Consent,
    Contact,
    Grantee,
    RoleGrant,
)
from accounts.roles import is_access_owner
from accounts.standing import FRESH
from accounts.trail import Actor, record

NO_GRANTS = {"live": 0, "fresh": 0, "waiting": 0}


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

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return assigns(request.user, obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_change_permission(request, obj)
        return may and assigns(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Client)
class ClientAdmin(Desk):
    noun = "client"
    panels = client_page.PANELS
    form = ClientForm
    list_display = ("name", "status", "account_manager", "works", "waits")
    list_filter = ("status", ("vertical", Words))
    search_fields = ("name",)
    search_help_text = "Name of the client"
    fields = (
        "name",
        "save_anyway",
        "vertical",
        ("time_zone", "language"),
        ("default_center", "team"),
    )
    inlines = (ContactInline, AssignmentInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        clients: QuerySet[Client] = super().get_queryset(request)
        merged = Client.objects.filter(merged_into=OuterRef("pk"))
        return clients.annotate(has_merged=Exists(merged)).prefetch_related(
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

    @admin.display(description="read back today")
    def works(self, client: Any) -> str:
        return f"{client.grants['fresh']} of {client.grants['live']}"

    @admin.display(description="waiting")
    def waits(self, client: Any) -> int:
        return int(client.grants["waiting"])

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            door("<uuid:pk>/merge/", merging.merge, "accounts_client_merge"),
            door("<uuid:pk>/staff/", staffing.staff_client, "accounts_client_staff"),
            *super().get_urls(),
        ]

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """A client that was merged into another leads there."""
        client = merging.became(request, object_id)
        if client is None:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        self.message_user(
            request, f"That client turned out to be {client}: here it is."
        )
        return redirect("admin:accounts_client_change", client.pk)

    def acts(self, request: HttpRequest, obj: Client) -> list[dict[str, Any]]:
        staff = staffing.client_act(request, obj)
        is_next = bool(grants_of(obj).unstaffed)
        acts = [] if staff is None else [{**staff, "is_main": is_next}]
        if (creator := spark_page.client_act(request, obj)) is not None:
            acts.append(creator)
        if is_access_owner(request.user):
            url = reverse("admin:accounts_client_merge", args=[obj.pk])
            acts.append({"label": "Same client as …", "url": url})
        return acts

    def subtitle(self, request: HttpRequest, obj: Client) -> str:
        lead = obj.lead
        manager = "you" if lead == request.user else str(lead or "nobody yet")
        return f"{obj.get_status_display()}. Account manager: {manager}."

    def banner(self, request: HttpRequest, obj: Client) -> dict[str, Any] | None:
        return client_page.next_act(request, obj)

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


def assigns(user: Any, client: Client | None) -> bool:
    """True but for who only stands in: a deputy could stay when the lead is back."""
    if client is None or user.sees_all_clients:
        return True
    return any(
        one.user_id == user.pk and one.is_live and one.role != Assignment.Role.DEPUTY
        for one in client.assignments.all()
    )


def count_grants(clients: list[Client]) -> dict[Any, Any]:
    """Return {client key: {live, fresh, waiting}} of accounts, as their pages count."""
    waits = [place.key for place in client_page.WAITING]
    apart = [place.key for place in client_page.APART]
    counted = (
        RoleGrant.objects.filter(via__isnull=True, asset__client__in=clients)
        .exclude(family=RoleGrant.Family.CREATOR)
        .values("asset__client")
        .order_by()
        .annotate(
            live=Count("state") - Count("state", filter=Q(stands__in=apart)),
            fresh=Count("state", filter=FRESH.alone()),
            waiting=Count("state", filter=Q(stands__in=waits)),
        )
    )
    return {row["asset__client"]: row for row in counted}
