"""How a request stands in lists: as the front page says it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from onboarding import rows, turns
from onboarding.models import AccessRequest
from tests.factory import Factory


def pill_of(asked: AccessRequest) -> dict[str, str]:
    [row] = rows.for_rows(AccessRequest.objects.filter(pk=asked.pk))
    return rows.request_pill(row)


def test_a_link_taken_back_is_to_be_handed_out_again(factory: Factory) -> None:
    asked = factory.make_item().request
    factory.make_link(request=asked, revoked_at=timezone.now())
    assert pill_of(asked) == rows.PILLS[turns.US]


@pytest.mark.parametrize(
    ("started", "word"), [(False, "Waits on the client"), (True, "Client has started")]
)
def test_it_says_whether_the_client_has_begun(
    factory: Factory, started: bool, word: str
) -> None:
    asked = factory.make_item().request
    factory.make_link(request=asked, started_at=timezone.now() if started else None)
    assert pill_of(asked)["word"] == word


def test_what_is_closed_says_why(factory: Factory) -> None:
    asked = factory.make_request(closed_at=timezone.now(), closed_because="settled")
    assert pill_of(asked)["word"] == "Settled"
