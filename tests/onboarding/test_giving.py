"""Sharing: what it costs the database, and whose accounts it books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Asset, Reach
from accounts.public.browser import COOKIE
from onboarding.flows import giving, visits
from onboarding.models import LinkSession
from tests.factory import Factory
from tests.onboarding.visitor import Visitor

MakeVisitor = Callable[..., Visitor]

DEAREST_ACCOUNT = 12


@pytest.fixture
def session(visitor: MakeVisitor) -> LinkSession:
    """Sofia's visit, ready to choose."""
    browser = visitor("sofia")
    browser.sign_in_and_back()
    cookie = browser.browser.cookies[COOKIE].value
    found = visits.visit_of(browser.session.pk, browser=cookie)
    assert found is not None
    return found


def offer(session: LinkSession, count: int) -> list[str]:
    """Offer `count` accounts of Sofia's center; return their ids."""
    group = session.candidates[0]
    row = next(row for row in group["rows"] if row["can_choose"])
    ids = [str(7300000000000000000 + number) for number in range(count)]
    rows = [row | {"external_id": i, "name": f"Account {i}"} for i in ids]
    session.candidates = [group | {"rows": rows}]
    return ids


def queries_of_sharing(session: LinkSession, count: int) -> list[str]:
    """Share `count` accounts, note the queries, and take it all back."""
    queries: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append(sql)
        return execute(sql, params, many, context)

    ids = offer(session, count)
    with transaction.atomic(), connection.execute_wrapper(note):
        assert len(giving.share(session, ids)) == count
        transaction.set_rollback(True)
    return queries


def test_it_costs_few_queries_for_each_further_account(session: LinkSession) -> None:
    few, many = queries_of_sharing(session, 2), queries_of_sharing(session, 12)
    assert (len(many) - len(few)) / 10 <= DEAREST_ACCOUNT


def test_it_saves_an_account_only_when_it_has_changed(
    session: LinkSession, factory: Factory
) -> None:
    (account_id,) = offer(session, 1)
    assert changes_of_accounts(queries_of_sharing(session, 1))
    group = session.candidates[0]
    row = group["rows"][0]
    client = session.link.request.client
    factory.make_ad_account(
        external_id=account_id,
        client=client,
        center=factory.make_center(
            external_id=group["center_id"], client=client, owner=Asset.Owner.CLIENT
        ),
        **{name: row[name] for name in giving.TOLD},
    )
    assert not changes_of_accounts(queries_of_sharing(session, 1))


def changes_of_accounts(queries: list[str]) -> list[str]:
    return [sql for sql in queries if sql.startswith('UPDATE "accounts_asset"')]


def test_it_notes_the_key_that_reaches_an_account_once(session: LinkSession) -> None:
    (account_id,) = offer(session, 1)
    giving.share(session, [account_id])
    Reach.objects.update(can_grant=False, why_not="Not yet", native_role="")
    LinkSession.objects.update(stage=LinkSession.Stage.CHOOSING)
    giving.share(session, [account_id])
    reach = Reach.objects.get(asset__external_id=account_id)
    assert (reach.can_grant, reach.why_not) == (True, "")
    assert session.item.item_grants.count() == 1


def test_it_takes_an_account_that_was_booked_for_nobody(
    session: LinkSession, factory: Factory
) -> None:
    (account_id,) = offer(session, 1)
    booked_for_nobody(factory, account_id)
    (grant,) = giving.share(session, [account_id])
    asset = Asset.objects.get(external_id=account_id)
    assert grant.asset == asset
    assert (asset.client, asset.owner) == (
        session.link.request.client,
        Asset.Owner.CLIENT,
    )


def test_it_takes_no_booked_account_that_was_only_typed(
    visitor: MakeVisitor, factory: Factory
) -> None:
    asset = booked_for_nobody(factory, "7301846225110446081")
    browser = visitor("maren")
    browser.sign_in_and_back()
    page = browser.browser.post(browser.visit_url, {"account_id": asset.external_id})
    assert page.status_code == 400
    asset.refresh_from_db()
    assert asset.client is None
    assert not browser.item.item_grants.exists()


def booked_for_nobody(factory: Factory, account_id: str) -> Asset:
    return factory.make_ad_account(
        external_id=account_id, client=None, owner=Asset.Owner.UNKNOWN
    )
