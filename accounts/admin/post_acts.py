"""Enter a code, have one made, bind it, give it days, take it out of use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import post_rows, rows
from accounts.admin import panels
from accounts.admin.pages import colleague, crumbs_to, draw
from accounts.admin.post_forms import (
    BindForm,
    ChooseForm,
    EnterForm,
    MakeForm,
    MoreDaysForm,
    taking_codes,
)
from accounts.admin.spark_forms import ReasonForm
from accounts.flows import (
    posts,
    posts_extending,
    posts_keys,
    posts_withdrawing,
    posts_work,
)
from accounts.flows.posts import CannotUse
from accounts.models import PostAuthorization, SparkAuthorization
from accounts.outbound import OutboundError
from accounts.trail import Actor

MAY = "accounts.change_postauthorization"
DESK = "admin:accounts_postauthorization_changelist"
ADS_STOP = "Ads that use this post pause."


def choose(request: HttpRequest) -> HttpResponse:
    """Ask whose code it is, and lead on to where it is entered."""
    _refuse_others(request)
    form = ChooseForm(request.POST or None, user=colleague(request))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["authorization"]
        return redirect("admin:accounts_post_enter", pk=chosen.pk)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": "Enter a code",
            "sentence": "A creator sends it for one post. First, whose post it is.",
            "crumbs": _list_crumbs(),
            "form": form,
            "button": "Go on",
            "back_url": reverse(DESK),
        },
    )


@sensitive_post_parameters("code")
def enter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a creator's code; it is read back from the ad account it is for."""
    authorization = _authorization(request, pk)
    ask = _asking(request, authorization)
    form = EnterForm(request.POST or None, authorization=authorization, ask=ask)
    if request.method == "POST" and form.is_valid():
        data, user = form.cleaned_data, colleague(request)
        try:
            post = posts.type_in(
                authorization, data["ad_account"], data["code"], user=user
            )
        except CannotUse as no:
            form.add_error("code", str(no))
        else:
            messages.info(request, "In the vault. The portal binds it and reads back.")
            return redirect(post_rows.page_of(post))
    may_make = posts_keys.of_creator(authorization) is not None
    return _draw_new(
        request,
        authorization,
        form,
        title=f"Enter a code of {authorization.creator.shown}",
        sentence="The portal can make it, too: we hold this creator's key."
        if may_make
        else "The creator makes it in the app: the post, Ad settings, Generate code.",
        button="Put it into the vault",
    )


def make(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have a code made with the creator's key."""
    authorization = _authorization(request, pk)
    if posts_keys.of_creator(authorization) is None:
        creator = authorization.creator
        messages.warning(request, posts.NO_KEY.format(creator=creator))
        return redirect("admin:accounts_post_enter", pk=pk)
    ask = _asking(request, authorization)
    form = MakeForm(request.POST or None, authorization=authorization, ask=ask)
    if request.method == "POST" and form.is_valid():
        data, user = form.cleaned_data, colleague(request)
        wish = (data["item_id"], data["days"], data["ad_account"])
        try:
            post = posts.mint(authorization, *wish, user=user)
        except CannotUse as no:
            form.add_error("item_id", str(no))
        else:
            messages.info(request, "Asked for. The portal reads what came of it.")
            return redirect(post_rows.page_of(post))
    return _draw_new(
        request,
        authorization,
        form,
        title=f"Make a code for a post of {authorization.creator.shown}",
        sentence="With the creator's key. The creator sees it in the app.",
        button="Make the code",
    )


def bind(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let an ad account use a code that none uses yet."""
    post = _post(request, pk)
    ask = _asking(request, post.authorization)
    form = BindForm(request.POST or None, authorization=post.authorization, ask=ask)
    if request.method == "POST" and form.is_valid():
        account, user = form.cleaned_data["ad_account"], colleague(request)
        try:
            posts.bind(post, account, user=user)
        except CannotUse as no:
            messages.warning(request, str(no))
        else:
            messages.info(request, "The portal binds it and reads back.")
        return redirect(post_rows.page_of(post))
    return _draw(
        request,
        post,
        form,
        title=f"Use {_quoted(post)} in an ad account?",
        sentence="It is in use when the ad account's list shows it.",
        button="Bind it",
    )


def extend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a code more days with the creator's key, and read what came of it."""
    post = _post(request, pk)
    if no := posts_extending.why_not(post):
        messages.warning(request, no)
        return redirect(post_rows.page_of(post))
    form = MoreDaysForm(request.POST or None, post=post)
    if request.method == "POST" and form.is_valid():
        _extend(request, post, form.cleaned_data["days"])
        return redirect(post_rows.page_of(post))
    return _draw(
        request,
        post,
        form,
        title=f"Give {_quoted(post)} more days?",
        sentence="With the creator's key. A read tells the new end.",
        button="Give it more days",
    )


def _extend(request: HttpRequest, post: PostAuthorization, days: int) -> None:
    try:
        is_read = posts_extending.extend(post, days, user=colleague(request))
    except (CannotUse, OutboundError) as no:
        messages.warning(request, str(no))
        return
    if is_read:
        until = rows.moment_cell(post.ends_at)
        messages.info(request, f"Read back: the code ends {str(until).strip()}.")
    else:
        said = "This read shows the old end yet. The portal reads again."
        messages.warning(request, said)


def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what stops on GET; commit it on POST, a task carries it out."""
    post = _post(request, pk)
    if post.state not in posts.TAKEABLE:
        messages.warning(request, "There is nothing to take out of use here now.")
        return redirect(post_rows.page_of(post))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason, by = form.cleaned_data["reason"], Actor.staff(request.user)
        if posts.withdraw(post, reason=reason, by=by):
            messages.info(request, "On its way. The portal reads until it is gone.")
        return redirect(post_rows.page_of(post))
    return _draw(
        request,
        post,
        form,
        title=f"Take {_quoted(post)} out of use?",
        sentence=ADS_STOP,
        button="Take it out of use",
        tone="danger",
        more=_what_goes(post),
    )


@require_POST
def read_now(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read this post at once, at somebody's wish."""
    post = _post(request, pk)
    if post.state in PostAuthorization.ENDED:
        messages.warning(request, "There is nothing to read any more.")
        return redirect(post_rows.page_of(post))
    last_id = post.last_read_id
    if not posts_work.read_now(post, by=Actor.staff(request.user)):
        messages.warning(request, "The portal is at it this minute. Look again soon.")
        return redirect(post_rows.page_of(post))
    post = _post(request, pk)
    word = post_rows.pill_of(post)["word"]
    if post.last_read_id != last_id:
        messages.info(request, f"Read just now: {word}. {post.problem}".strip())
    else:
        said = post.problem or "No list answered."
        messages.warning(request, f"Not read; what we knew stays. {said}")
    return redirect(post_rows.page_of(post))


def _what_goes(post: PostAuthorization) -> list[tuple[str, str]]:
    stays = posts_withdrawing.what_stays(post)
    is_made = post.source == PostAuthorization.Source.MINTED
    account = post.ad_account
    return [
        ("Stops", ADS_STOP if account else "Nothing: no ad account uses it yet."),
        *([("Taken off", f"{account}, {account.external_id}")] if account else []),
        (
            "The code",
            "Deleted with the creator's key, and from the vault."
            if is_made and not stays
            else f"Deleted from the vault. {stays}".strip(),
        ),
        ("Proof", "The ad account's list no longer shows it."),
    ]


def _draw_new(
    request: HttpRequest,
    authorization: SparkAuthorization,
    form: Any,
    *,
    title: str,
    sentence: str,
    button: str,
) -> HttpResponse:
    ends = rows.moment_cell(authorization.campaign_ends_on)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": title,
            "sentence": sentence,
            "crumbs": _list_crumbs(),
            "facts": [
                ("Creator", f"{authorization.creator}, {authorization.creator.shown}"),
                ("Client", str(authorization.client)),
                ("Campaign", f"{authorization.campaign}, to {ends}"),
            ],
            "form": form,
            "button": button,
            "back_url": reverse(DESK),
        },
    )


def _draw(
    request: HttpRequest,
    post: PostAuthorization,
    form: Any,
    *,
    title: str,
    sentence: str,
    button: str,
    tone: str = "",
    more: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    url, authorization = post_rows.page_of(post), post.authorization
    facts = [
        ("Creator", f"{authorization.creator}, {authorization.creator.shown}"),
        ("Client", str(authorization.client)),
        ("Post", post.item_id or "Not read yet"),
        ("Code ends", rows.moment_cell(post.ends_at) if post.ends_at else "Not read"),
    ]
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": title,
            "sentence": sentence,
            "crumbs": crumbs_to("postauthorization", "Spark codes", post, url),
            "facts": [*facts, *(more or [])],
            "form": form,
            "button": button,
            "tone": tone,
            "back_url": url,
        },
    )


def _authorization(request: HttpRequest, pk: UUID) -> SparkAuthorization:
    """Return one that codes may be entered for; 404 for strangers'."""
    found: SparkAuthorization = get_object_or_404(
        taking_codes(colleague(request)), pk=pk
    )
    _refuse_others(request)
    return found


def _post(request: HttpRequest, pk: UUID) -> Any:
    visible = post_rows.for_rows(PostAuthorization.objects.visible_to(request.user))
    post = get_object_or_404(visible, pk=pk)
    _refuse_others(request)
    return post


def _asking(
    request: HttpRequest, authorization: SparkAuthorization
) -> dict[str, Any] | None:
    """Return the way to ask the client for access, for those who may."""
    ways = panels.acts_of("client", request, authorization.client)
    return ways[0] if ways else None


def _quoted(post: PostAuthorization) -> str:
    return f"“{post.title}”" if post.title else str(post)


def _refuse_others(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY):
        raise PermissionDenied


def _list_crumbs() -> list[dict[str, str]]:
    return [{"label": "Spark codes", "url": reverse(DESK)}]
