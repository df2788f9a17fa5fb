"""This is the same client as …: choose the other, read what moves, merge."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from accounts.admin.pages import crumbs_to, draw
from accounts.flows import clients, merging
from accounts.models import Client
from accounts.roles import is_access_owner

MOST_FOUND = 20


class MergeForm(forms.Form):
    """The other client, and what the preview showed."""

    other = forms.CharField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput)


def merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Without `other`, the choice; with it, the preview on GET, the merge on POST."""
    gone = _visible(request, pk)
    if not is_access_owner(request.user):
        raise PermissionDenied
    other = request.POST.get("other") or request.GET.get("other")
    if not other:
        return _choose(request, gone)
    kept = _visible(request, other)
    if no := merging.why_not(gone, kept, request.user):
        messages.error(request, no)
        return redirect("admin:accounts_client_merge", gone.pk)
    return _merge(request, gone, kept) if request.POST else _show(request, gone, kept)


def became(request: HttpRequest, object_id: str) -> Client | None:
    """Return whom a merged client became, for those who see that one."""
    try:
        key = UUID(object_id)
    except ValueError:
        return None
    return Client.objects.visible_to(request.user).filter(merged=key).first()


def _visible(request: HttpRequest, pk: Any) -> Client:
    try:
        return get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    except ValidationError:
        raise Http404 from None


def _choose(request: HttpRequest, gone: Client) -> HttpResponse:
    """Offer the clients of a name alike, or those whose name holds the words."""
    words = request.GET.get("q", "").strip()
    seen = Client.objects.visible_to(request.user).exclude(pk=gone.pk)
    alike = [client.pk for client in clients.look_alikes(gone.name, but=gone)]
    found = seen.filter(name__icontains=words) if words else seen.filter(pk__in=alike)
    rows = [
        {"client": client, "url": _url(gone, other=client)}
        for client in found.prefetch_related("assignments__user")[:MOST_FOUND]
    ]
    return draw(
        request,
        "accounts/merge_choose.html",
        {
            "title": f"{gone} is the same client as …",
            "crumbs": _crumbs(gone),
            "gone": gone,
            "words": words,
            "found": rows,
        },
    )


def _show(request: HttpRequest, gone: Client, kept: Client) -> HttpResponse:
    seen = merging.preview(gone, kept)
    turned = format_html('<a href="{}">{} into {}</a>', _url(kept, gone), kept, gone)
    solved = format_html_join(mark_safe("<br>"), "{}", ((one,) for one in seen.clashes))
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Merge {gone} into {kept}?",
            "sentence": f"All that is {gone}'s becomes {kept}'s, its story too. {gone}"
            f" leaves every list, and its page leads to {kept}. There is no way back.",
            "crumbs": _crumbs(gone),
            "facts": [
                ("Leaves", gone),
                ("Stays", kept),
                *seen.moves,
                *([("Settled", solved)] if seen.clashes else []),
                ("Other way", turned),
            ],
            "form": MergeForm(initial={"other": kept.pk, "digest": seen.digest}),
            "button": f"Merge into {kept}",
            "tone": "danger",
            "back_url": _page_of(gone),
        },
    )


def _merge(request: HttpRequest, gone: Client, kept: Client) -> HttpResponse:
    user: Any = request.user
    digest = request.POST.get("digest", "")
    try:
        merging.merge(gone, kept, digest=digest, user=user)
    except merging.CannotMerge as no:
        messages.error(request, str(no))
        return redirect(_url(gone, kept))
    messages.info(request, f"{gone} is {kept} from now on. Its story is here, too.")
    return redirect(_page_of(kept))


def _crumbs(client: Client) -> list[dict[str, str]]:
    return crumbs_to("client", "Clients", client, _page_of(client))


def _page_of(client: Client) -> str:
    return reverse("admin:accounts_client_change", args=[client.pk])


def _url(client: Client, other: Client) -> str:
    page = reverse("admin:accounts_client_merge", args=[client.pk])
    return f"{page}?other={other.pk}"
