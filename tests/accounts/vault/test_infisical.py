"""What Infisical does for us: on the stand-in always, on a live server if there is one.

A live server is named by INFISICAL_URL, _PROJECT_ID, _CLIENT_ID and _CLIENT_SECRET in
the environment; everything is written into a folder of the run's own.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace

import pytest
from django.db import connection, transaction

from accounts.outbound import InsideTransactionError, OutboundError
from accounts.vault import VaultError
from accounts.vault.infisical import Infisical
from accounts.vault.infisical.names import Envelope, name_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NAME = "connections__7b1f__refresh-token"


def write(infisical: Infisical, value: str, name: str = NAME) -> None:
    infisical.write(name, value, until=time.monotonic() + 60)


def remove(infisical: Infisical, name: str = NAME) -> None:
    infisical.remove(name, until=time.monotonic() + 60)


def refusal(infisical: Infisical, name: str = NAME) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        write(infisical, "{}", name)
    return caught.value


def test_it_has_nothing_in_a_folder_nobody_made(infisical: Infisical) -> None:
    assert infisical.read(NAME) is None
    remove(infisical)


def test_it_has_nothing_under_a_name_nobody_wrote(infisical: Infisical) -> None:
    write(infisical, "{}", "another")
    assert infisical.read(NAME) is None
    remove(infisical)


def test_it_takes_a_name_too_long_for_a_fault_and_not_for_missing(
    infisical: Infisical,
) -> None:
    write(infisical, "{}", "n" * 100)
    assert infisical.read("n" * 100) == "{}"
    with pytest.raises(OutboundError, match="no such page"):
        infisical.read("n" * 101)


def test_it_names_an_environment_that_is_not_there(infisical: Infisical) -> None:
    elsewhere = replace(infisical, environment="nowhere")
    assert "INFISICAL_ENVIRONMENT" in str(refusal(elsewhere))


def test_it_names_a_project_that_is_not_there(infisical: Infisical) -> None:
    elsewhere = replace(infisical, project="00000000-0000-4000-8000-000000000000")
    assert "INFISICAL_PROJECT_ID" in str(refusal(elsewhere))


def test_it_calls_nobody_inside_a_transaction(infisical: Infisical) -> None:
    with pytest.raises(InsideTransactionError), transaction.atomic():
        infisical.read(NAME)


@pytest.mark.parametrize(
    "text",
    ['{"a": "${FOO} ${prod.connections.BAR}"}', '{"a": "  ünïcode \\n"}', "{}"],
)
def test_it_gives_back_every_character(infisical: Infisical, text: str) -> None:
    write(infisical, text)
    assert infisical.read(NAME) == text


def test_it_replaces_and_forgets(infisical: Infisical) -> None:
    write(infisical, '{"n": 1}')
    write(infisical, '{"n": 2}')
    assert infisical.read(NAME) == '{"n": 2}'
    remove(infisical)
    assert infisical.read(NAME) is None
    write(infisical, '{"n": 3}')
    assert infisical.read(NAME) == '{"n": 3}'


@pytest.mark.django_db(transaction=True)
def test_it_holds_one_of_two_values_first_written_at_once(
    infisical: Infisical,
) -> None:
    infisical.login.bearer()
    faults: list[Exception] = []

    def put(number: int) -> None:
        try:
            write(replace(infisical), json.dumps({"n": number}))
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=put, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert infisical.read(NAME) in ('{"n": 1}', '{"n": 2}')


class TestNames:
    REFERENCES = (
        "connections/7b1f/refresh-token",
        "connections__7b1f__refresh-token",
        "connections/7b1f/refresh_token",
        "connections/7b1f_/refresh-token",
        "connections/7b1f/_refresh-token",
        "posts/ü",
        "posts/_c3_bc",
        "x" * 101,
        "x" * 102,
        "_-" + "0" * 64,
    )

    def test_no_two_references_share_one(self) -> None:
        names = {name_of(reference) for reference in self.REFERENCES}
        assert len(names) == len(self.REFERENCES)

    def test_each_is_one_that_infisical_takes(self) -> None:
        for reference in self.REFERENCES:
            name = name_of(reference)
            assert len(name) <= 100
            assert name.replace("-", "").replace("_", "").isascii()
            assert name.replace("-", "").replace("_", "").isalnum()

    def test_one_stays_readable(self) -> None:
        assert name_of(self.REFERENCES[0]) == "connections__7b1f__refresh-token"


class TestEnvelopes:
    @pytest.mark.parametrize(
        "text",
        ["", "[]", "{}", '{"v": 2}', '{"v": 1, "version": 1, "key": "a", "blob": "?"}'],
    )
    def test_it_reads_no_other_text(self, text: str) -> None:
        with pytest.raises(VaultError, match="not written by this portal"):
            Envelope.read(text)

    def test_it_refuses_what_is_too_large(self) -> None:
        with pytest.raises(VaultError, match="64 kB"):
            Envelope(1, "a", b"x" * 60_000).write()

    def test_it_reads_what_it_wrote(self) -> None:
        envelope = Envelope(3, "a", bytes(range(256)))
        assert Envelope.read(envelope.write()) == envelope
