"""A creator's callback and its task come many times at once, on a real database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import Connection, Consent
from onboarding.flows import spark_login
from onboarding.models import SparkVisit
from tests.factory import Factory
from tests.onboarding.creator import CreatorPhone
from tests.onboarding.test_parallel import in_parallel

Phones = Callable[..., CreatorPhone]
AT_ONCE = list(range(20))

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_exchanges_once_and_sees_once_who_it_was(phone: Phones) -> None:
    aino = phone()
    aino.connect("posts", "profile")
    location = aino.agree()
    answers = in_parallel(lambda _: aino.come_back(location), AT_ONCE)
    assert {answer.status_code for answer in answers} == {303}
    assert aino.tiktok.calls("tt_user/oauth2/token/") == 1
    key = aino.visit.pk
    done = in_parallel(lambda _: spark_login.read_login(key), AT_ONCE)
    assert done.count(True) == 1
    assert aino.tiktok.calls("tt_user/token_info/get/") == 1


def test_one_login_answers_for_one_creator(phone: Phones, factory: Factory) -> None:
    phones = [phone(creator=factory.make_creator(handle="")) for _ in range(10)]
    for one in phones:
        one.connect("posts", "profile")
        one.come_back(one.agree())
        spark_login.read_login(one.visit.pk)
    in_parallel(spark_login.confirm, [one.visit for one in phones])
    assert Connection.objects.count() == Consent.objects.count() == 1
    stopped = list(SparkVisit.objects.values_list("problem", flat=True))
    assert stopped.count("") == 1
    assert stopped.count(spark_login.OTHER_CREATOR) == 9
