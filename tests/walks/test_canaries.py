"""No secret of a real journey is found where it does not belong, in any shape."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings as django_settings
from django.core import mail
from django.db.models.signals import post_save
from django.urls import reverse
from django_q.models import OrmQ

from accounts.models import RoleGrant, User, VaultSecret
from tests import simulated
from tests.base import HttpsClient
from tests.factory import Factory
from tests.onboarding import conftest as onboarding
from tests.onboarding.creator import CreatorPhone
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, run_jobs
from tests.walks import canaries
from tests.walks.canaries import Canaries
from tests.walks.walk import walk
from tests.walks.world import make_world

running = simulated.running
tiktok = simulated.tiktok
owner = simulated.owner
our_side = simulated.our_side
asked = onboarding.asked
visitor = onboarding.visitor
phone = onboarding.phone

PASSWORD = "a canary sings 7 songs"

# Where a secret is the very purpose of the page or the address.
SPARED = {
    "link": {"link token"},  # its Start button leads on with the same token
    "creator's link": {"link token"},  # as does its Connect
    "hop page": {"state"},  # the link to the platform carries it
    "hand-out": {"link token"},  # shown once
}


@dataclass
class Journey:
    """A journey's secrets and everything it left behind."""

    secrets: Canaries = field(default_factory=dict)
    pages: list[tuple[str, str]] = field(default_factory=list)
    logged: str = ""
    queued: list[str] = field(default_factory=list)

    def keep(self, kind: str, response: Any) -> Any:
        head = "\n".join(f"{k}: {v}" for k, v in response.headers.items())
        self.pages.append((kind, head + response.content.decode()))
        return response


@pytest.fixture
def journey(
    visitor: Callable[..., Visitor],
    phone: Callable[..., CreatorPhone],
    tiktok: Simulated,
    factory: Factory,
    owner: User,
) -> Any:
    """Staff sign in and hand out; a client shares and a creator agrees; all is read."""
    told = Journey()

    def note(instance: OrmQ, **kwargs: Any) -> None:
        told.queued.append(instance.payload)

    post_save.connect(note, sender=OrmQ)
    with canaries.logs() as log:
        staff, seed = sign_in_with_everything(told, owner)
        client = visitor()
        copied = hand_out(told, staff, client)
        state, code = share_by_link(told, client)
        read_back(told, staff)
        aino = phone()
        printed = print_card(told, staff, aino)
        creators_state, creators_code = agree_by_card(told, aino)
        look_everywhere(told, factory, staff, client)
        told.logged = log.getvalue()
    post_save.disconnect(note, sender=OrmQ)
    told.secrets = canaries.canaries(
        **{
            "platform token": [
                token.value for token in tiktok.running.store.world.tokens
            ],
            "creator's key": [
                token
                for pair in tiktok.running.store.world.pairs.values()
                for token in (pair.refresh, *pair.access)
            ],
            "auth code": [code, creators_code],
            "state": [state, creators_state],
            "link token": [client.token, copied, aino.token, printed],
            "app secret": [django_settings.TIKTOK["app_secret"]],
            "vault key": list(django_settings.VAULT_KEYS.values()),
            "signing key": [django_settings.SECRET_KEY],
            "second factor's seed": [seed],
            "password": [PASSWORD],
        }
    )
    return told


def sign_in_with_everything(told: Journey, owner: User) -> tuple[HttpsClient, str]:
    """Sign in on the pages themselves, with password and authenticator app."""
    owner.set_password(PASSWORD)
    owner.save()
    seed = totp.generate_totp_secret()
    totp.TOTP.activate(owner, seed)
    staff = HttpsClient()
    credentials = {"login": owner.email, "password": PASSWORD}
    told.keep("sign-in", staff.post(reverse("account_login"), credentials))
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(totp.hotp_value(seed, counter))
    told.keep("sign-in", staff.post(reverse("mfa_authenticate"), {"code": code}))
    assert staff.get(reverse("admin:index")).status_code == 200
    return staff, seed


def hand_out(told: Journey, staff: HttpsClient, client: Visitor) -> str:
    """Copy a link and mail another; return the copied one's token."""
    request = client.item.request
    address = reverse("admin:onboarding_hand_out", args=[request.pk])
    page = told.keep("hand-out", staff.post(address))
    address = reverse("admin:onboarding_mail", args=[request.pk])
    told.keep("mail", staff.post(address, {"contact": request.contact_id}))
    assert len(mail.outbox) == 1
    return page.text.split("/l/", 1)[1].split("/", 1)[0]


def share_by_link(told: Journey, client: Visitor) -> tuple[str, str]:
    """Go all the way to results; return the state and the code that were used."""
    told.keep("link", client.open())
    told.keep("hop page", client.start())
    state, location = client.state(), client.sign_in()
    code = parse_qs(urlsplit(location).query)["auth_code"][0]
    told.keep("callback", client.come_back(location))
    told.keep("reading", client.look())
    run_jobs()
    told.keep("choose", client.look())
    rows = [row for group in client.session.candidates for row in group["rows"]]
    told.keep(
        "share", client.share(*(r["external_id"] for r in rows if r["can_choose"]))
    )
    run_jobs()
    told.keep("results", client.look())
    told.keep("callback", client.come_back(location))
    return state, code


def read_back(told: Journey, staff: HttpsClient) -> None:
    grant = RoleGrant.objects.filter(state=RoleGrant.State.ACTIVE).first()
    assert grant is not None
    address = reverse("admin:accounts_rolegrant_read", args=[grant.pk])
    told.keep("read now", staff.post(address))
    for name, row in (
        ("accounts_rolegrant", grant),
        ("accounts_client", grant.asset.client),
        ("accounts_connection", grant.attempts.get().connection),
    ):
        told.keep(name, staff.get(reverse(f"admin:{name}_change", args=[row.pk])))


def print_card(told: Journey, staff: HttpsClient, aino: CreatorPhone) -> str:
    """Print a card for a creator and mail a letter; return the card's token."""
    asked = aino.authorization
    address = reverse("admin:onboarding_spark_hand_out", args=[asked.pk])
    page = told.keep("hand-out", staff.post(address, {"way": "paper"}))
    address = reverse("admin:onboarding_spark_mail", args=[asked.pk])
    told.keep("mail", staff.post(address))
    assert len(mail.outbox) == 2
    return page.text.split("/s/", 1)[1].split("/", 1)[0]


def agree_by_card(told: Journey, aino: CreatorPhone) -> tuple[str, str]:
    """Go all the way until it is active; return the state and the code."""
    told.keep("creator's link", aino.open())
    told.keep("hop page", aino.connect("posts", "profile"))
    state, location = aino.asked()["state"], aino.agree()
    told.keep("callback", aino.come_back(location))
    run_jobs()
    told.keep("creator's page", aino.look())
    assert aino.state == "active"
    return state, parse_qs(urlsplit(location).query)["code"][0]


def look_everywhere(
    told: Journey, factory: Factory, staff: HttpsClient, client: Visitor
) -> None:
    """Open every page of the walk as the access owner; then the client's own again."""
    world = make_world(factory)
    for one in walk(world, "access owner", browser=staff):
        told.pages.append((one.address.named, f"{one.headers}\n{one.body}"))
    told.keep("results", client.look())


def test_a_canary_is_found_in_every_shape() -> None:
    secret = "s3cret/with+signs=and more"
    planted = canaries.canaries(it=[secret])
    for text in (
        f"so: {secret}.",
        secret.encode().hex(),
        quote(f"?a={secret}&b=1"),
        *(base64.b64encode(f"{'x' * n}{secret}yz".encode()).decode() for n in range(3)),
        base64.urlsafe_b64encode(f"{{'token': '{secret}'}}".encode()).decode(),
    ):
        assert canaries.hits(text, planted) == {"it"}, text
    assert canaries.hits(text, planted, spared={"it"}) == set()


def test_a_canary_that_was_not_planted_is_noticed() -> None:
    with pytest.raises(ValueError, match="nothing planted"):
        canaries.canaries(it=[])


@pytest.mark.long
def test_no_secret_is_found_anywhere(journey: Journey) -> None:
    assert_it_left_traces(journey)
    planted = journey.secrets
    found = {
        **{
            f"page {kind}": canaries.hits(text, planted, SPARED.get(kind, ()))
            for kind, text in journey.pages
        },
        **{
            f"table {table}": canaries.hits(text, planted)
            for table, text in canaries.database()
        },
        "log": canaries.hits(journey.logged, planted),
        "sessions": canaries.hits("\n".join(canaries.sessions()), planted),
        "letters": canaries.hits("\n".join(canaries.letters()), planted),
        "jobs": canaries.hits("\n".join(canaries.unpacked(journey.queued)), planted),
    }
    assert {place: names for place, names in found.items() if names} == {}


def assert_it_left_traces(journey: Journey) -> None:
    """Without them nothing would be proved."""
    kinds = {kind for kind, _ in journey.pages}
    assert {"link", "hop page", "choose", "results", "hand-out"} <= kinds
    assert journey.queued
    assert VaultSecret.objects.exists()
    assert len(journey.logged.splitlines()) > 20
    for kind, names in SPARED.items():
        texts = [text for one, text in journey.pages if one == kind]
        assert any(names <= canaries.hits(text, journey.secrets) for text in texts)
    assert mail.outbox
    tables = dict(canaries.database())
    assert b"link.handed_out" in tables["accounts_event"]
