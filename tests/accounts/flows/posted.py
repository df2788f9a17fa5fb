"""An ad account of ours, a creator who said yes, and a platform that knows codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import (
    connections,
    posts,
    posts_binding,
    posts_steps,
    posts_work,
)
from accounts.models import (
    AdAccount,
    Connection,
    PostAuthorization,
    Reach,
    SparkAuthorization,
    User,
)
from accounts.outbound.secret import Secret
from accounts.trail import Actor
from accounts.vault import vault
from tests.accounts.flows.post_office import CODE, ITEM, PostOffice
from tests.factory import Factory

BY = Actor.system("test")


@dataclass
class Desk:
    """Where a test works on posts; `office` is the platform."""

    office: PostOffice
    user: User
    authorization: SparkAuthorization
    account: AdAccount

    def type_in(self, code: str = CODE) -> PostAuthorization:
        return posts.type_in(
            self.authorization, self.account, Secret(code), user=self.user
        )

    def mint(self, days: int = 60, *, binds: bool = True) -> PostAuthorization:
        account = self.account if binds else None
        return posts.mint(self.authorization, ITEM, days, account, user=self.user)

    def worked(self, post: PostAuthorization) -> PostAuthorization:
        """Carry it out now, whatever has leased it, and return it as it stands."""
        rows = PostAuthorization.objects.filter(pk=post.pk)
        rows.update(lease_until=None)
        posts_work.carry_out([post.pk])
        return self.seen(post)

    def seen(self, post: PostAuthorization) -> PostAuthorization:
        return posts_steps.for_work(PostAuthorization.objects.all()).get(pk=post.pk)

    @property
    def listed(self) -> list[str]:
        return self.office.bound.get(self.account.external_id, [])


def give_creators_key(authorization: SparkAuthorization, factory: Factory) -> None:
    """Let the creator have signed in and ticked that posts may be used."""
    key = factory.make_connection(
        kind=Connection.Kind.CREATOR, scopes=["biz.spark.auth"]
    )
    _put_away(key)
    SparkAuthorization.objects.filter(pk=authorization.pk).update(connection=key)
    authorization.connection = key


def _put_away(key: Connection) -> None:
    key.vault_ref = f"connections/{key.pk}/access-token"
    key.access_until = timezone.now() + timezone.timedelta(hours=20)
    key.save()
    vault().set(key.vault_ref, Secret("a-key-of-somebody"), by=BY)


@pytest.fixture
def desk(factory: Factory, monkeypatch: pytest.MonkeyPatch, db: Any) -> Desk:
    office = PostOffice()
    office.knows()
    monkeypatch.setattr(connections, "open_for", lambda *a, **k: office)
    monkeypatch.setattr(posts_binding, "WAITS", (0,))
    client = factory.make_client()
    user = factory.make_user(serves=client)
    account = factory.make_ad_account(client=client)
    receiver = factory.make_receiver()
    factory.make_grant(asset=account, grantee=receiver, state="active")
    key = factory.make_connection(access_until=None)
    _put_away(key)
    factory.make_consent(connection=key, user=factory.make_user(role="Access owners"))
    Reach.objects.create(connection=key, asset=receiver.center, can_grant=True)
    authorization = factory.make_authorization(client=client, asked_by=user)
    return Desk(office, user, authorization, account)
