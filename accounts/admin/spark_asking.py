"""Ask a creator, and change what is asked: the forms, and whom it serves, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from accounts import spark_rows
from accounts.admin.pages import colleague, crumbs_to, draw
from accounts.admin.spark_forms import (
    AccountForm,
    AdAccountsForm,
    AskedForm,
    AskForm,
    MembersForm,
)
from accounts.flows import creators, spark, spark_accounts
from accounts.flows.spark import AlreadyAsked, CannotAsk
from accounts.models import Client, SparkAuthorization
from accounts.platforms.registry import platforms
from accounts.trail import Actor

MAY = "accounts.change_sparkauthorization"


def choose_client(request: HttpRequest) -> HttpResponse:
    """Begin with the client: its ad accounts, its center and its people follow."""
    if not request.user.has_perm("accounts.add_sparkauthorization"):
        raise PermissionDenied
    form = _ClientForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        return redirect("admin:accounts_spark_ask", form.cleaned_data["client"].pk)
    listing = reverse("admin:accounts_sparkauthorization_changelist")
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": "Ask a creator",
            "sentence": "For which client?",
            "crumbs": [{"label": "Spark authorizations", "url": listing}],
            "form": form,
            "button": "Go on",
            "back_url": listing,
        },
        status=400 if form.errors else 200,
    )


class _ClientForm(forms.Form):
    client = forms.ModelChoiceField(queryset=Client.objects.none())

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        client: Any = self.fields["client"]
        client.queryset = Client.objects.visible_to(user).filter(merged_into=None)


def ask(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """The form on GET; on POST the authorization, whose page hands it out."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    if not request.user.has_perm("accounts.add_sparkauthorization"):
        raise PermissionDenied
    form = AskForm(request.POST or None, client=client, user=colleague(request))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(spark_rows.page_of(_ask(request, client, form)))
        except AlreadyAsked as known:
            messages.warning(request, str(known))
            return redirect(spark_rows.page_of(known.authorization))
        except CannotAsk as no:
            form.add_error(None, str(no))
    url = reverse("admin:accounts_client_change", args=[client.pk])
    return draw(
        request,
        "accounts/spark_ask.html",
        {
            "title": f"Ask a creator for {client}",
            "crumbs": crumbs_to("client", "Clients", client, url),
            "client": client,
            "form": form,
        },
        status=400 if form.errors else 200,
    )


def _ask(request: HttpRequest, client: Client, form: AskForm) -> SparkAuthorization:
    user, data = colleague(request), form.cleaned_data
    center = data["center"]
    creator = data["known"] if data["whose"] == "known" else None
    return spark.ask(
        client,
        creator or creators.known_or_new(form.of_creator(), user=user),
        platform=center.platform if center else next(iter(platforms())),
        center=center.center if center else None,
        is_own=form.is_own,
        members=list(data["members"]),
        ad_accounts=list(data["ad_accounts"]),
        user=user,
        **form.asked(),
    )


def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for something else, or until another day."""
    authorization = mine(request, pk)
    closes_on = timezone.localtime(
        authorization.closes_at, timezone.get_default_timezone()
    ).date()
    initial = {
        "words": authorization.asked,
        "campaign": authorization.campaign,
        "campaign_ends_on": authorization.campaign_ends_on,
        "closes_on": closes_on,
    }
    form = AskedForm(request.POST or None, initial=initial)
    return _page(
        request,
        authorization,
        form,
        lambda: spark.change(authorization, user=colleague(request), **form.asked()),
        title=f"Change what {authorization.creator.shown} is asked for",
        sentence="What is granted changes only when the creator agrees anew.",
        button="Save the change",
    )


def members(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say whom of our people it serves."""
    authorization = mine(request, pk)
    form = MembersForm(request.POST or None, authorization=authorization)
    return _page(
        request,
        authorization,
        form,
        lambda: spark.serve(
            authorization,
            list(form.cleaned_data["members"]),
            user=colleague(request),
        ),
        title=f"Our people on {authorization.creator.shown}",
        sentence="Who is not ticked is taken off, unless another client's campaign"
        " needs them there.",
        button="Save",
    )


def ad_accounts(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say which of the client's ad accounts use it."""
    authorization = mine(request, pk)
    form = AdAccountsForm(request.POST or None, authorization=authorization)
    return _page(
        request,
        authorization,
        form,
        lambda: spark.use_in(
            authorization,
            list(form.cleaned_data["ad_accounts"]),
            user=colleague(request),
        ),
        title=f"Ad accounts that use {authorization.creator.shown}",
        sentence="Ads of an account that is unlinked pause if they show the creator.",
        button="Save",
    )


def account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say which of the accounts our center lists is the creator's."""
    authorization = mine(request, pk)
    form = AccountForm(
        request.POST or None, accounts=spark_accounts.unclaimed(authorization)
    )

    def take() -> bool:
        chosen, by = form.cleaned_data["account"], Actor.staff(request.user)
        if not spark_accounts.choose(authorization, chosen, by=by):
            raise CannotAsk(spark_accounts.TAKEN.format(account=chosen))
        return True

    return _page(
        request,
        authorization,
        form,
        take,
        title=f"Which account is {authorization.creator.shown}'s?",
        sentence=f"{authorization.center} lists these, and nobody said yet whose they"
        " are.",
        button="This one",
    )


def _page(
    request: HttpRequest,
    authorization: SparkAuthorization,
    form: forms.Form,
    save: Callable[[], bool],
    **words: str,
) -> HttpResponse:
    """Draw a form of one authorization; on POST save it and go back to its page."""
    url = spark_rows.page_of(authorization)
    if request.method == "POST" and form.is_valid():
        try:
            is_news = save()
        except CannotAsk as no:
            form.add_error(None, str(no))
        else:
            said = "Saved. A read tells what comes of it." if is_news else "As it was."
            messages.info(request, said)
            return redirect(url)
    crumbs = crumbs_to("sparkauthorization", "Spark authorizations", authorization, url)
    return draw(
        request,
        "admin/confirm.html",
        {**words, "crumbs": crumbs, "form": form, "back_url": url},
        status=400 if form.errors else 200,
    )


def mine(request: HttpRequest, pk: UUID) -> SparkAuthorization:
    """Return an authorization this colleague may work on; 404 or 403 otherwise."""
    visible = SparkAuthorization.objects.visible_to(request.user)
    found: SparkAuthorization = get_object_or_404(spark_rows.for_rows(visible), pk=pk)
    if not request.user.has_perm(MAY):
        raise PermissionDenied
    return found
