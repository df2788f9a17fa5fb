"""The demo answers at one address; the other names of this machine lead there."""

from __future__ import annotations

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse
from django.test import RequestFactory

from agencyportal.demo.address import OneAddress


@pytest.fixture(autouse=True)
def demo(settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]


def answer(host: str):
    request = RequestFactory().get("/admin/?q=1", headers={"host": host})
    return OneAddress(lambda request: HttpResponse("here"))(request)


def test_it_answers_no_strange_name() -> None:
    with pytest.raises(DisallowedHost):
        answer("portal.example:8000")


def test_localhost_leads_to_its_address() -> None:
    assert answer("localhost:8000").url == "http://127.0.0.1:8000/admin/?q=1"


def test_at_its_own_address_it_answers() -> None:
    assert answer("127.0.0.1:8000").content == b"here"
