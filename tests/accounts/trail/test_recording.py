"""record(): with the change or not at all, and never with a secret."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from django_q.models import OrmQ

from accounts.models import Event, EventPayload
from accounts.trail import Actor, describe, reactions, record, record_all
from accounts.trail.canonical import payload_hash
from accounts.trail.context import request_scope
from accounts.trail.recording import HIDDEN
from tests.factory import Factory

BY = Actor.system()


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_record_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        record("trail.probed", by=BY)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_it_falls_with_the_change() -> None:
    with transaction.atomic():
        record("trail.probed", by=BY)
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not EventPayload.objects.exists()


@pytest.mark.django_db
def test_it_refuses_data_without_a_canonical_form() -> None:
    with pytest.raises(TypeError), transaction.atomic():
        record("trail.probed", by=BY, data={"share": 0.5})
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_refuses_many_outside_a_transaction(factory: Factory) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        record_all("trail.probed", [(factory.make_client(), {})], by=BY)


@pytest.mark.django_db
def test_it_records_many_as_it_records_each(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = [factory.make_client(), factory.make_client()]
    monkeypatch.setitem(reactions._reactions, "trail.probed", ["some.task"])
    told = [(one, {"name": one.name, "token": "s3cret"}) for one in clients]
    with transaction.atomic():
        record_all("trail.probed", told, by=BY)
    for one in clients:
        event = Event.objects.about(one).get(action="trail.probed")
        payload = EventPayload.objects.get(event_id=event.pk)
        assert event.payload_hash == payload_hash(bytes(payload.salt), payload.body)
        assert json.loads(payload.body)["name"] == one.name
        assert "s3cret" not in payload.body
    assert OrmQ.objects.count() == 2


SECRETS = {
    "access_token": "s3cret-1",
    "App-Secret": "s3cret-2",
    "password": "s3cret-3",
    "auth_code": "s3cret-4",
    "inner": {"Cookie": "s3cret-5", "kept": "yes"},
    "list": [{"refresh_token": "s3cret-6"}, [{"passphrase": "s3cret-7"}]],
    "tokens": ["s3cret-8"],
}


@pytest.mark.django_db
def test_it_stores_nothing_under_a_secrets_name() -> None:
    event = record("trail.probed", by=BY, data=SECRETS)
    body = EventPayload.objects.get(pk=event.pk).body
    assert "s3cret" not in body
    assert json.loads(body)["inner"] == {"Cookie": HIDDEN, "kept": "yes"}


@pytest.mark.django_db
def test_it_hashes_the_salted_payload_and_keeps_names_out_of_the_event(
    factory: Factory,
) -> None:
    client = factory.make_client(name="Halden Outdoor")
    user = factory.make_user(name="Mira Okafor")
    with request_scope() as request_id:
        event = record(
            "client.moved",
            by=Actor.staff(user),
            subject=client,
            client=client,
            data={"status": "Active"},
        )
    payload = EventPayload.objects.get(pk=event.pk)
    assert event.payload_hash == payload_hash(bytes(payload.salt), payload.body)
    row = Event.objects.filter(pk=event.pk).values().get()
    assert row["request_id"] == request_id
    assert "Halden" not in str(row)
    assert "Mira" not in str(row)
    assert [said for _, said in describe([event])] == ["Halden Outdoor is now: Active."]


@pytest.mark.django_db
def test_it_says_so_when_a_payload_was_erased() -> None:
    event = Event(pk=999, action="client.moved")
    assert "erased" in describe([event])[0][1]


@pytest.mark.django_db
def test_it_queues_a_reaction_exactly_when_the_event_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reactions, "_reactions", reactions._reactions.copy())
    reactions.react("trail.probed", "onboarding.tasks.sweep")
    reactions.react("trail.probed", "onboarding.tasks.sweep")
    with transaction.atomic():
        record("trail.probed", by=BY)
        transaction.set_rollback(True)
    assert not OrmQ.objects.exists()
    record("trail.probed", by=BY)
    assert OrmQ.objects.count() == 1
