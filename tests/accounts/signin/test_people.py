from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Event, User
from tests.accounts.signin.people import PASSWORD, make_user, type_password

pytestmark = pytest.mark.django_db


def test_it_refuses_a_second_person_under_one_address():
    make_user("mira@portal.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(" Mira@Portal.Example ")


def test_it_says_that_the_address_is_taken():
    make_user("mira@portal.example")
    with pytest.raises(ValidationError, match="address exists"):
        User(email="MIRA@portal.example", name="Mira", password="!").full_clean()


def test_it_refuses_the_address_in_capitals_at_the_database_too():
    make_user("mira@portal.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="MIRA@portal.example", name="M")])


def test_it_refuses_an_unknown_time_zone():
    with pytest.raises(ValidationError, match="Europe/Berlin"):
        User(email="a@x.example", name="A", time_zone="Mars/Base").full_clean()


def test_it_refuses_a_person_without_an_address():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")


def test_it_finds_people_in_any_spelling():
    user = make_user("mira@portal.example")
    assert User.objects.get_by_natural_key("MIRA@portal.example") == user


def test_it_gives_everybody_one_verified_primary_address():
    user = make_user("Mira@portal.example")
    user.email = "Mira.Okafor@portal.example"
    user.save()
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == (
        "mira.okafor@portal.example",
        True,
        True,
    )


def test_it_lets_createsuperusers_person_in_without_confirming_mail(
    client, monkeypatch
):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser",
        interactive=False,
        email="First@portal.example",
        name="First",
        verbosity=0,
    )
    user = User.objects.get(email="first@portal.example")
    assert type_password(client, user).url == reverse("admin:index")
    assert Event.objects.get(action="user.added").subject_key == str(user.pk)
