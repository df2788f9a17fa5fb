"""The request's desk: ask, decide, hand out, revoke, cancel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import qrcode
import qrcode.image.svg
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts import rows as book_rows
from accounts.admin.assets import already_recorded
from accounts.admin.base import SeenDesk
from accounts.admin.panels import Panel, add_act, add_panel
from accounts.flows import agency, approvals
from accounts.letters import LetterRefused
from accounts.models import Client, Consent, Event, Grantee, RoleGrant
from accounts.platforms.registry import platform, platforms
from accounts.roles import is_access_owner
from accounts.trail import Actor
from onboarding import rows
from onboarding.admin.forms import AskForm, DecisionForm, MailForm
from onboarding.flows import connect, links, requests
from onboarding.models import AccessLink, AccessRequest, RequestItem
from onboarding.words import describe_request

Closed = AccessRequest.Closed


@admin.register(AccessRequest)
class AccessRequestAdmin(SeenDesk):
    noun = "request"
    list_display = ("asked_of", "what", "stands", "asked_by", "ends")
    list_filter = ("closed_because",)
    search_fields = ("client__name", "contact__name", "contact__email")
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessRequest]:
        asked: QuerySet[AccessRequest] = super().get_queryset(request)
        items = RequestItem.objects.select_related("receiver", "approval")
        return asked.select_related("client", "contact", "asked_by").prefetch_related(
            Prefetch("items", items), "links"
        )

    @admin.display(description="client", ordering="client__name")
    def asked_of(self, row: AccessRequest) -> SafeString:
        return format_html("{}<small>{}</small>", row.client, row.contact)

    @admin.display(description="asked for")
    def what(self, row: AccessRequest) -> str:
        return ", ".join(
            f"{item.get_role_display()} on {platform(item.platform).label}"
            for item in row.items.all()
        )

    @admin.display(description="state", ordering="closed_because")
    def stands(self, row: AccessRequest) -> SafeString:
        return rows.pill_cell(rows.request_pill(row))

    @admin.display(description="ends", ordering="closes_at")
    def ends(self, row: AccessRequest) -> Any:
        return book_rows.moment_cell(row.closes_at)

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            door("ask/<uuid:client_id>/", self.ask, "onboarding_ask"),
            door("<uuid:pk>/hand-out/", self.hand_out, "onboarding_hand_out"),
            door("<uuid:pk>/mail/", self.mail, "onboarding_mail"),
            door("<uuid:pk>/decide/", self.decide, "onboarding_decide"),
            door("<uuid:pk>/cancel/", self.cancel, "onboarding_cancel"),
            door("<uuid:pk>/revoke/", self.revoke_all, "onboarding_revoke_all"),
            door("link/<uuid:pk>/revoke/", self.revoke, "onboarding_revoke"),
            door("held/<int:pk>/release/", self.release, "onboarding_release"),
            *super().get_urls(),
        ]

    # Asking -------------------------------------------------------------------------

    def ask(self, request: HttpRequest, client_id: UUID) -> HttpResponse:
        """The form on GET; on POST the request, and its first link where allowed."""
        client = get_object_or_404(
            Client.objects.visible_to(request.user), pk=client_id
        )
        if not request.user.has_perm("onboarding.add_accessrequest"):
            raise PermissionDenied
        form = AskForm(request.POST or None, client=client)
        if request.method == "POST" and form.is_valid():
            try:
                item = requests.ask(client, form.wish(), user=_colleague(request))
            except requests.AlreadyOpen as known:
                messages.warning(request, f"{known} Here it is.")
                return redirect(_page(known.item.request))
            except requests.AlreadyRecorded as known:
                form.add_error("accounts", already_recorded(known.asset, request.user))
            else:
                return self._after_asking(request, item)
        return render(
            request,
            "onboarding/ask.html",
            {
                **self.admin_site.each_context(request),
                "title": "Ask for access",
                "crumbs": _crumbs(client),
                "client": client,
                "form": form,
                "notice": _notice(client),
                "grants": [
                    book_rows.grant_row(grant)
                    for grant in _grants(client).exclude(state__in=RoleGrant.ENDED)
                ],
                "receivers": _receivers(),
            },
            status=400 if form.errors else 200,
        )

    def _after_asking(self, request: HttpRequest, item: RequestItem) -> HttpResponse:
        if not requests.is_cleared(item):
            messages.info(request, "An access owner decides first. No link until then.")
            return redirect(_page(item.request))
        made = links.hand_out(
            item.request,
            AccessLink.HandOut.COPY,
            by=Actor.staff(request.user),
            user=_colleague(request),
        )
        return self._hand_out_page(request, item.request, made.url)

    # Handing out --------------------------------------------------------------------

    def hand_out(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the ways out on GET; mint a link and show it once on POST."""
        asked = self._mine(request, pk)
        if not asked.is_open:
            messages.error(request, _why_no_link(asked))
            return redirect(_page(asked))
        if request.method != "POST":
            return self._hand_out_page(request, asked, "")
        way = AccessLink.HandOut.COPY
        if request.POST.get("way") == AccessLink.HandOut.PAPER:
            way = AccessLink.HandOut.PAPER
        try:
            made = links.hand_out(
                asked, way, by=Actor.staff(request.user), user=_colleague(request)
            )
        except links.NotCleared:
            messages.error(request, _why_no_link(asked))
            return redirect(_page(asked))
        return self._hand_out_page(request, asked, made.url)

    def _hand_out_page(
        self, request: HttpRequest, asked: AccessRequest, url: str
    ) -> HttpResponse:
        item = asked.items.select_related("receiver").get()
        return render(
            request,
            "onboarding/handout.html",
            {
                **self.admin_site.each_context(request),
                "title": "Hand out the link",
                "crumbs": [*_crumbs(asked.client), _crumb(asked)],
                "ask": describe_request(asked, item),
                "url": url,
                "qr_svg": qr_code(url) if url else "",
                "make_url": reverse("admin:onboarding_hand_out", args=[asked.pk]),
                "mail_form": MailForm(
                    client=asked.client, initial={"contact": asked.contact_id}
                ),
                "mail_url": reverse("admin:onboarding_mail", args=[asked.pk]),
                "links": [rows.link_row(link) for link in _links(asked)],
                "revoke_all_url": reverse(
                    "admin:onboarding_revoke_all", args=[asked.pk]
                ),
                "desk_acts": [{"label": "Back to the request", "url": _page(asked)}],
            },
        )

    def mail(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        asked = self._mine(request, pk)
        form = MailForm(request.POST or None, client=asked.client)
        if request.method == "POST" and form.is_valid():
            contact = form.cleaned_data["contact"]
            try:
                links.mail(
                    asked,
                    contact,
                    by=Actor.staff(request.user),
                    user=_colleague(request),
                )
            except links.NotCleared:
                messages.error(request, _why_no_link(asked))
            except LetterRefused as refused:
                messages.error(request, str(refused))
            except links.TooManyLetters:
                messages.error(
                    request,
                    f"{contact} had {links.MOST_LETTERS} letters within the hour. Wait,"
                    " or copy the link.",
                )
            else:
                messages.info(request, f"A letter with a fresh link went to {contact}.")
        return redirect(_page(asked))

    def revoke(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        link = get_object_or_404(
            AccessLink.objects.visible_to(request.user).select_related(
                "request__client"
            ),
            pk=pk,
        )
        self._mine(request, link.request_id)
        if request.method == "POST":
            links.revoke(link, by=Actor.staff(request.user))
            messages.info(request, "That link leads nowhere now. Access given stays.")
        return redirect(_page(link.request))

    def revoke_all(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        asked = self._mine(request, pk)
        if request.method == "POST":
            links.revoke_all(asked, by=Actor.staff(request.user))
            messages.info(request, "No link of this request works any more.")
        return redirect(_page(asked))

    def cancel(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        asked = self._mine(request, pk)
        if request.method == "POST":
            requests.close(asked, Closed.CANCELLED, by=Actor.staff(request.user))
            messages.info(request, "The request is cancelled. Its links end with it.")
            return redirect(_page(asked))
        return render(
            request,
            "admin/confirm.html",
            {
                **self.admin_site.each_context(request),
                "title": "Cancel this request?",
                "sentence": "Its links end. What was read back stays as it is.",
                "facts": [("Client", asked.client), ("Contact", asked.contact)],
                "button": "Cancel the request",
                "tone": "danger",
                "back_url": _page(asked),
            },
        )

    # Deciding -----------------------------------------------------------------------

    def decide(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        asked = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, asked):
            raise PermissionDenied
        item = asked.items.filter(approval__isnull=False).first()
        if item is None or item.approval is None:
            raise Http404
        what = requests.what_is_asked(item)
        form = DecisionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            if request.POST.get("digest") != approvals.digest_of(what):
                messages.error(request, "What is asked has changed. Read it again.")
                return redirect("admin:onboarding_decide", pk)
            return self._decided(request, item, form.cleaned_data["note"])
        return render(
            request,
            "onboarding/approval.html",
            {
                **self.admin_site.each_context(request),
                "title": f"Admin for {asked.client}?",
                "subtitle": f"Asked by {asked.asked_by}",
                "crumbs": [*_crumbs(asked.client), _crumb(asked)],
                "facts": rows.what_is_asked(asked, item),
                "digest": approvals.digest_of(what),
                "state": rows.request_pill(asked),
                "why_not": _why_not_decide(request, item),
                "approve_url": request.path,
                "form": form,
            },
        )

    def _decided(
        self, request: HttpRequest, item: RequestItem, note: str
    ) -> HttpResponse:
        yes = request.POST.get("decision") == "approve"
        try:
            requests.decide(item, yes=yes, user=_colleague(request), note=note)
        except approvals.CannotDecide as no:
            messages.error(request, str(no))
        else:
            messages.info(request, "Approved." if yes else "Refused, and closed.")
        return redirect(_page(item.request))

    def release(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a login that serves another client serve this one too."""
        held = get_object_or_404(
            Consent.objects.visible_to(request.user).select_related(
                "client", "connection"
            ),
            pk=pk,
        )
        if not is_access_owner(request.user):
            raise PermissionDenied
        if request.method == "POST":
            connect.release(held, by=Actor.staff(request.user))
            messages.info(request, f"{held.connection} may serve {held.client} too.")
        return redirect("admin:accounts_client_change", held.client_id)

    # The page -----------------------------------------------------------------------

    def subtitle(self, request: HttpRequest, obj: AccessRequest) -> str:
        return f"To {obj.contact}, asked by {obj.asked_by}."

    def acts(self, request: HttpRequest, obj: AccessRequest) -> list[dict[str, Any]]:
        may = request.user.has_perm("onboarding.change_accessrequest")
        if not may or not obj.is_open:
            return []
        acts: list[dict[str, Any]] = [
            {
                "label": "Cancel the request",
                "tone": "bad",
                "url": reverse("admin:onboarding_cancel", args=[obj.pk]),
            }
        ]
        if all(map(requests.is_cleared, obj.items.all())):
            acts.append(
                {
                    "label": "Hand out a link",
                    "icon": "mail",
                    "url": reverse("admin:onboarding_hand_out", args=[obj.pk]),
                    "is_main": True,
                }
            )
        return acts

    def banner(self, request: HttpRequest, obj: AccessRequest) -> dict[str, Any] | None:
        if not obj.is_open or all(map(requests.is_cleared, obj.items.all())):
            return None
        return {
            "tone": "wait",
            "icon": "pending-admin",
            "title": "Next: an access owner decides about Admin.",
            "sentence": f"Somebody other than {obj.asked_by}. No link before that.",
            "act": {
                "label": "See and decide",
                "url": reverse("admin:onboarding_decide", args=[obj.pk]),
            },
        }

    def _mine(self, request: HttpRequest, pk: UUID) -> AccessRequest:
        """Return a request this colleague may work on; 404 or 403 otherwise."""
        asked: AccessRequest = get_object_or_404(self.get_queryset(request), pk=pk)
        if not request.user.has_perm("onboarding.change_accessrequest"):
            raise PermissionDenied
        return asked


def qr_code(url: str) -> SafeString:
    """Return the address as an SVG picture, dark on white whatever the theme."""
    code = qrcode.make(url, image_factory=qrcode.image.svg.SvgPathImage, border=2)
    return mark_safe(code.to_string(encoding="unicode"))  # noqa: S308 made by us


def _colleague(request: HttpRequest) -> Any:
    return request.user


def _page(asked: AccessRequest) -> str:
    return reverse("admin:onboarding_accessrequest_change", args=[asked.pk])


def _crumb(asked: AccessRequest) -> dict[str, str]:
    return {"label": "Request", "url": _page(asked)}


def _crumbs(client: Client) -> list[dict[str, str]]:
    return [
        {"label": "Clients", "url": reverse("admin:accounts_client_changelist")},
        {
            "label": client.name,
            "url": reverse("admin:accounts_client_change", args=[client.pk]),
        },
    ]


def _why_no_link(asked: AccessRequest) -> str:
    if not asked.is_open:
        return "This request is over. Ask again from the client's page."
    return "An access owner has not decided yet. No link before that."


def _why_not_decide(request: HttpRequest, item: RequestItem) -> str:
    approval = item.approval
    if approval is None or approval.decision != approval.Decision.WAITING:
        return "This was decided already."
    if not is_access_owner(request.user):
        return "Only an access owner decides this."
    if approval.asked_by_id == request.user.pk:
        return "You asked for this, so another access owner decides."
    return ""


def _notice(client: Client) -> dict[str, Any] | None:
    """Say before anything is typed what would stop the request."""
    if not client.contacts.filter(is_active=True).exists():
        return {
            "title": f"{client} has no contact yet.",
            "sentence": "Links go to contacts. Enter who decides there first.",
            "act": {
                "label": "Open the client",
                "url": reverse("admin:accounts_client_change", args=[client.pk]),
            },
        }
    receivers = [r for key in platforms() for r in agency.receivers(key)]
    if not any(agency.keys_for(receiver) for receiver in receivers):
        return {
            "title": "We cannot verify: reconnect.",
            "sentence": "No key of ours reads a Business Center, so nothing could be"
            " proved. An access owner connects it.",
            "act": {
                "label": "Our centers",
                "url": reverse("admin:accounts_businesscenter_changelist"),
            },
        }
    return None


def _receivers() -> list[dict[str, Any]]:
    return [
        _receiver(receiver) for key in platforms() for receiver in agency.receivers(key)
    ]


def _receiver(receiver: Grantee) -> dict[str, Any]:
    keys = len(agency.keys_for(receiver))
    return {
        "name": str(receiver),
        "external_id": receiver.external_id,
        "sentence": f"Read with {keys} of our keys" if keys else "No key reads it",
        "pill": None
        if keys
        else {"tone": "bad", "icon": "failed", "word": "Cannot verify"},
    }


def _grants(client: Client) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(asset__client=client).select_related(
        "asset__client", "grantee"
    )


def _links(asked: AccessRequest) -> QuerySet[AccessLink]:
    return asked.links.select_related("contact", "request")


# Panels ---------------------------------------------------------------------------


def _asked(request: HttpRequest, asked: AccessRequest) -> dict[str, Any]:
    item = asked.items.select_related("receiver", "approval").get()
    return {"facts": rows.what_is_asked(asked, item)}


def _came_of_it(request: HttpRequest, asked: AccessRequest) -> dict[str, Any]:
    grants = RoleGrant.objects.filter(item_grants__item__request=asked).select_related(
        "asset__client", "asset__center", "grantee"
    )
    return {"grants": [book_rows.grant_row(grant) for grant in grants]}


def _handed_out(request: HttpRequest, asked: AccessRequest) -> dict[str, Any]:
    return {"links": [rows.link_row(link) for link in _links(asked)]}


def _story(request: HttpRequest, asked: AccessRequest) -> dict[str, Any] | None:
    if not request.user.has_perm("accounts.view_event"):
        return None
    subjects = [asked, *asked.links.all()]
    return {"events": book_rows.story(Event.objects.about(*subjects)[:12])}


def _of_client(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("onboarding.view_accessrequest"):
        return None
    asked = client.access_requests.prefetch_related("items__approval", "links")[:6]
    return {"requests": [rows.request_row(row) for row in asked]}


def _held(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("accounts.view_connection"):
        return None
    held = client.consents.filter(state=Consent.State.HELD).select_related("connection")
    if not held:
        return None
    return {
        "held": [
            {
                "label": str(consent.connection),
                "sentence": consent.held_because,
                "url": reverse("admin:onboarding_release", args=[consent.pk])
                if is_access_owner(request.user)
                else "",
            }
            for consent in held
        ]
    }


def _offer_to_ask(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("onboarding.add_accessrequest"):
        return None
    return {
        "label": "Ask for access",
        "icon": "plus",
        "url": reverse("admin:onboarding_ask", args=[client.pk]),
    }


def register_panels() -> None:
    book = "accounts/panels/{}.html".format
    mine = "onboarding/panels/{}.html".format
    add_act("client", _offer_to_ask)
    add_panel("client", Panel("Requests", mine("requests"), _of_client, 20, "side"))
    add_panel("client", Panel("Held for a decision", mine("held"), _held, 5))
    add_panel("request", Panel("Accounts", book("accounts"), _came_of_it, 10))
    add_panel("request", Panel("Hand-outs", mine("links"), _handed_out, 20))
    add_panel("request", Panel("What is asked", book("role"), _asked, 30, "side"))
    add_panel("request", Panel("Story", book("story"), _story, 90, "side"))
