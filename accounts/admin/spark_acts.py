"""What is done to a Spark authorization at once: a code made, a read, an end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import spark_rows
from accounts.admin.pages import colleague, crumbs_to, draw
from accounts.admin.spark_asking import mine
from accounts.admin.spark_forms import ReasonForm
from accounts.flows import spark, spark_moving, spark_qr, spark_withdrawing, spark_work
from accounts.flows.spark import CannotAsk
from accounts.flows.spark_withdrawing import Uses
from accounts.models import PostAuthorization, SparkAuthorization
from accounts.platforms.registry import platform
from accounts.trail import Actor

MOST_NAMES = 8
SURE = "sure"

ADS_STOP = "Ads that show {creator} pause."
NOTHING_KNOWN = "The portal knows of no ad account and no post that uses it."
LOOK = "Ads that show it pause all the same where somebody linked them on the website."
ASK_TWICE = "Ads with these pause. Take it back all the same?"
KEY_ENDS = (
    "{platform} is asked to end it, last of all. The portal uses it once more, sees it"
    " refused, and forgets it."
)
KEY_STAYS = "It goes on: {others} still uses it."
NO_KEY = "{creator} gave none."
LEAVES = "{center} lets go of the account; its list no longer shows it."
STAYS_IN = "{center} keeps the account: {others} still uses it."
BY_THEMSELVES = (
    "{creator} can give it again with a new code. {creator} can end it too, in the app,"
    " without us."
)

AWAITED = "A new code. The center's list is read each minute."
NOT_AWAITED = (
    "A new code. The center's list showed the account already: once it is scanned,"
    " press Read back now."
)


@require_POST
def make_qr(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have our center make a code; its page shows it with its age."""
    authorization = mine(request, pk)
    try:
        spark_qr.make_qr(authorization, by=Actor.staff(request.user))
    except CannotAsk as no:
        messages.error(request, str(no))
    else:
        is_awaited = spark_moving.awaits_a_scan(authorization)
        messages.info(request, AWAITED if is_awaited else NOT_AWAITED)
    return redirect(spark_rows.page_of(authorization))


@require_POST
def read_now(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read it back at somebody's wish, whatever the timetable says."""
    authorization = mine(request, pk)
    before = (authorization.key_read_at, authorization.center_read_at)
    if not spark_work.read_now(authorization, by=Actor.staff(request.user)):
        messages.warning(request, "The portal is reading it this minute. Look again.")
        return redirect(spark_rows.page_of(authorization))
    authorization.refresh_from_db()
    after = (authorization.key_read_at, authorization.center_read_at)
    if before == after:
        why = authorization.problem or "There is nothing to read yet."
        messages.warning(request, f"Not read; what we knew stays. {why}")
    else:
        word = spark_rows.pill_of(authorization)["word"]
        messages.info(request, f"Read just now: {word}. {authorization.problem}")
    return redirect(spark_rows.page_of(authorization))


def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the wait for an answer: its links lead nowhere then."""
    authorization = mine(request, pk)
    url = spark_rows.page_of(authorization)
    if request.method == "POST":
        if spark.close(authorization, by=Actor.staff(request.user)):
            messages.info(request, "Closed. Every link of it leads nowhere now.")
        else:
            messages.warning(request, "The creator was faster. Look what came.")
        return redirect(url)
    creator = authorization.creator.shown
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Ask {creator} no longer?",
            "sentence": "Nothing was given, so nothing is taken back.",
            "crumbs": _crumbs(authorization),
            "facts": [
                ("Client", str(authorization.client)),
                ("Links", "Every link and card of it leads nowhere from then on."),
            ],
            "button": "Close it",
            "tone": "danger",
            "back_url": url,
        },
    )


def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say first what stops with it; where something does, ask a second time."""
    authorization = mine(request, pk)
    url = spark_rows.page_of(authorization)
    if not spark_withdrawing.can_withdraw(authorization):
        messages.warning(request, "There is nothing to take back here now.")
        return redirect(url)
    uses = spark_withdrawing.uses_of(authorization)
    form = ReasonForm(request.POST or None)
    is_said = request.method == "POST" and form.is_valid()
    if is_said and (not uses.stops or request.POST.get(SURE)):
        reason, user = form.cleaned_data["reason"], colleague(request)
        if spark_withdrawing.withdraw(authorization, reason=reason, user=user):
            said = "On its way down. The portal reads until each part is gone."
            messages.info(request, said)
        return redirect(url)
    creator = authorization.creator.shown
    return draw(
        request,
        "accounts/spark_withdraw.html",
        {
            "title": f"Take {creator}'s account back?",
            "sentence": f"For {authorization.client}: {authorization.campaign}.",
            "crumbs": _crumbs(authorization),
            "facts": _facts(authorization, uses),
            "stops": ADS_STOP.format(creator=creator) if uses.stops else "",
            "unknown": "" if uses.stops else f"{NOTHING_KNOWN} {LOOK}",
            "form": form,
            "is_second": is_said,
            "question": ASK_TWICE,
            "back_url": url,
        },
    )


def _facts(authorization: SparkAuthorization, uses: Uses) -> list[tuple[str, str]]:
    creator, center = authorization.creator.shown, authorization.center
    accounts = [str(link.ad_account) for link in uses.ad_accounts]
    facts = [
        ("Linked ad accounts", _listed(accounts) or "None."),
        ("Posts", _listed([_post(post) for post in uses.posts]) or "None is live."),
        ("Our people", _people(authorization) or "None is on it."),
    ]
    if center is not None and authorization.account_id:
        here = [o for o in uses.others if o.account_id == authorization.account_id]
        sentence = STAYS_IN if here else LEAVES
        words = {"center": center, "others": _clients(here)}
        facts.append(("Business Center", sentence.format(**words)))
    facts.append(("The creator's key", _key(authorization, uses)))
    facts.append(("Back again", BY_THEMSELVES.format(creator=creator)))
    return facts


def _key(authorization: SparkAuthorization, uses: Uses) -> str:
    key = authorization.connection
    if key is None:
        return NO_KEY.format(creator=authorization.creator.shown)
    others = [one for one in uses.others if one.connection_id == key.pk]
    if others:
        return KEY_STAYS.format(others=_clients(others))
    return KEY_ENDS.format(platform=platform(authorization.platform).label)


def _clients(others: list[SparkAuthorization]) -> str:
    """Say that others use it, not who: whoever reads this may not see them."""
    n = len(others)
    return "another client's campaign" if n == 1 else f"{n} other campaigns"


def _post(post: PostAuthorization) -> str:
    until = f", code until {post.ends_at:%-d %B %Y}" if post.ends_at else ""
    where = f", runs in {post.ad_account}" if post.ad_account else ""
    return f"{post}{where}{until}"


def _people(authorization: SparkAuthorization) -> str:
    served = authorization.served.select_related("member").order_by("label")
    return _listed([str(one.member or one) for one in served])


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    told = "; ".join(names[:MOST_NAMES])
    return f"{told} and {more} more" if more > 0 else told


def _crumbs(authorization: SparkAuthorization) -> list[dict[str, Any]]:
    url = spark_rows.page_of(authorization)
    label = "Spark authorizations"
    return crumbs_to("sparkauthorization", label, authorization, url)
