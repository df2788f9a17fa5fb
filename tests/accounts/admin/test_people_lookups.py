from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.roles import MEDIA_BUYERS
from tests.base import HttpsClient
from tests.factory import Factory


@pytest.mark.parametrize("lookup", ["password__startswith", "password__gte"])
def test_it_does_not_tell_a_password_letter_by_letter(
    client: HttpsClient, factory: Factory, lookup: str
) -> None:
    client.sign_in(factory.make_user(role=MEDIA_BUYERS))
    url = reverse("admin:accounts_user_changelist")
    assert client.get(f"{url}?{lookup}=m").status_code == 400
