"""Methods A and B at the desk: sent, asked another way, and whose center invited us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts.admin.assets import already_recorded
from accounts.admin.pages import colleague, draw, grant_url
from accounts.flows import work
from accounts.flows.rounds import Round
from accounts.ladder import pill_of, role_of
from accounts.models import RoleGrant
from accounts.trail import Actor
from onboarding import rows
from onboarding.admin.editing import OVER
from onboarding.admin.forms import NEEDS_ACCOUNTS, GiverForm, SwitchForm
from onboarding.admin.pages import crumbs_to, mine, page_of
from onboarding.admin.website import no_call
from onboarding.flows import booking, editing, inviting, methods, website
from onboarding.models import AccessRequest, RequestItem

SENT = "Noted. The portal reads our list until it shows what the owner says."
BEING_READ = "The portal reads our list this minute. Look again shortly."
TAKEN_IN = "Read just now: {n} taken in as asked for. A read of each says its role."
SAID_BEFORE = "{by} said so before. Once is enough: the portal reads our list."
SAME = "It is asked for that way already, and nothing of it came to an end."


@require_POST
def sent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a colleague's word that it is sent; what is ours already is read instead."""
    asked = mine(request, pk)
    try:
        waiting = methods.sent(asked, user=colleague(request))
    except editing.RequestIsOver:
        messages.error(request, OVER)
        return redirect(page_of(asked))
    if waiting:
        messages.info(request, SENT)
    else:
        _say_why_not(request, asked.items.select_related("sent_by").get())
    return redirect(page_of(asked))


def _say_why_not(request: HttpRequest, item: RequestItem) -> None:
    held = list(website.grants_of(item).filter(state__in=RoleGrant.HELD))
    if held:
        messages.warning(request, already_ours(request, held))
    elif item.sent_at:
        messages.info(request, SAID_BEFORE.format(by=item.sent_by))
    else:
        messages.warning(request, "Nothing of this request waits to be sent.")


def already_ours(request: HttpRequest, held: Iterable[RoleGrant]) -> SafeString:
    """Read these accounts now instead of asking, and say how each stands."""
    grants = list(held)
    work.read_now(grants, by=Actor.staff(request.user))
    for grant in grants:
        grant.refresh_from_db()
    return format_html_join(" ", '{} (<a href="{}">Open it</a>)', map(_stands, grants))


def _stands(grant: RoleGrant) -> tuple[str, str]:
    said = (
        f"{grant.asset.external_id} is ours already: {role_of(grant)},"
        f" {str(pill_of(grant)['word']).lower()}."
    )
    return said, grant_url(grant)


@require_POST
def look(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read our center's lists now for what the client says it shares (method B)."""
    asked = mine(request, pk)
    by_them = asked.items.filter(method=RequestItem.Method.METHOD_B, is_open=True)
    item = by_them.select_related("receiver__center", "client", "request").first()
    form = GiverForm(request.POST)
    if item is None:
        messages.error(request, OVER)
    elif not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["giver_id"])))
    else:
        giver_id = form.cleaned_data["giver_id"]
        done = inviting.read_now(item, giver_id, user=colleague(request))
        _say_what_is_listed(request, done, inviting.look_in(item))
    return redirect(page_of(asked))


def _say_what_is_listed(
    request: HttpRequest, done: Sequence[Round], taken_in: int
) -> None:
    problems = [problem for one in done for problem in one.problems]
    if problems or not done:
        messages.warning(request, problems[0] if problems else BEING_READ)
    elif taken_in:
        messages.info(request, TAKEN_IN.format(n=taken_in))
    else:
        messages.info(request, "Read just now. What is listed is said below.")


def switch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask another way on POST; the form says what a switch ends."""
    asked = mine(request, pk)
    if not asked.is_open:
        messages.error(request, OVER)
        return redirect(page_of(asked))
    item = asked.items.select_related("receiver").get()
    form = SwitchForm(request.POST or None, item=item, also=request.GET.get("accounts"))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            is_news = methods.switch(
                asked,
                data["method"],
                data["accounts"],
                reason=data["reason"],
                user=colleague(request),
            )
        except editing.RequestIsOver:
            messages.error(request, OVER)
            return redirect(page_of(asked))
        except methods.NeedsAccounts:
            form.add_error("accounts", NEEDS_ACCOUNTS)
        except booking.AlreadyRecorded as known:
            form.add_error("accounts", already_recorded(known.asset, request.user))
        else:
            messages.info(request, _switched(asked) if is_news else SAME)
            return redirect(page_of(asked))
    return draw(
        request,
        "onboarding/switch.html",
        {
            "title": "Ask another way",
            "sentence": "Every link that is out ends. What we hold stays, the rest is"
            " wanted anew. The same way again asks once more for what was refused.",
            "crumbs": crumbs_to(asked.client, asked),
            "facts": rows.what_is_asked(asked, item),
            "form": form,
            "no_call": no_call(),
            "back_url": page_of(asked),
        },
        status=400 if form.errors else 200,
    )


def _switched(asked: AccessRequest) -> str:
    if asked.items.filter(method=RequestItem.Method.METHOD_A).exists():
        return "Noted. Next: send the request by hand, as the steps say."
    if asked.links.usable().exists():
        return "Noted. The link that is out serves for it again."
    return format_html(
        'Noted. No earlier link works. <a href="{}">Hand out the new one</a>',
        reverse("admin:onboarding_hand_out", args=[asked.pk]),
    )
