"""Links: who gets one, what ends it, and the one page for all that leads nowhere."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.letters import LetterRefused
from accounts.trail import Actor
from onboarding.flows import links
from onboarding.flows.minting import MOST_LETTERS
from onboarding.models import AccessLink, AccessRequest, RequestItem
from tests.base import HttpsClient
from tests.factory import Factory
from tests.simulated import run_jobs

BY = Actor.system()


@pytest.fixture
def item(factory: Factory) -> RequestItem:
    return factory.make_item()


def neutral_words(answer: Any) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", answer.text)


def address_of(letter: Any) -> str:
    found = re.search(r"https://portal\.example(/l/\S+/)", letter.body)
    assert found
    return found[1]


class TestLeadsNowhere:
    def look(self, client: HttpsClient, token: str) -> str:
        answer = client.get(f"/l/{token}/")
        assert answer.status_code == 404
        return neutral_words(answer)

    def test_it_is_one_page_for_every_reason(
        self, client: HttpsClient, factory: Factory
    ) -> None:
        now = timezone.now()
        gone = factory.make_contact(is_active=False)
        request = factory.make_item().request
        closed = factory.make_item(
            request=factory.make_request(closed_at=now, closed_because="settled")
        ).request
        factory.make_link(token="expired", request=request, expires_at=now)
        factory.make_link(token="revoked", request=request, revoked_at=now)
        factory.make_link(token="closed", request=closed)
        factory.make_link(token="left", request=request, contact=gone)
        tokens = ("unknown", "expired", "revoked", "closed", "left")
        pages = {self.look(client, token) for token in tokens}
        assert len(pages) == 1
        assert 'action="/fresh-link/"' in pages.pop()

    def test_it_does_not_start_from_there(
        self, client: HttpsClient, item: RequestItem
    ) -> None:
        assert client.post(f"/l/unknown/start/{item.pk}/").status_code == 404

    def test_it_does_not_start_another_requests_item(
        self, client: HttpsClient, item: RequestItem, factory: Factory
    ) -> None:
        other = factory.make_item()
        factory.make_link(token="mine", request=item.request)
        assert client.post(f"/l/mine/start/{other.pk}/").status_code == 404


class TestFreshLink:
    def ask(self, client: HttpsClient, email: str) -> str:
        answer = client.post("/fresh-link/", {"email": email})
        assert answer.status_code == 200
        run_jobs()
        return neutral_words(answer)

    def test_it_says_the_same_to_everybody(
        self, client: HttpsClient, item: RequestItem, factory: Factory
    ) -> None:
        known = item.request.contact.email
        idle = factory.make_contact().email
        words = {self.ask(client, e) for e in (known, idle, "nobody@else.example")}
        assert len(words) == 1
        assert [letter.to for letter in mail.outbox] == [[known]]
        assert client.get(address_of(mail.outbox[0])).status_code == 200

    def test_it_knows_the_address_in_any_case(
        self, client: HttpsClient, item: RequestItem
    ) -> None:
        self.ask(client, item.request.contact.email.upper())
        assert mail.outbox[0].to == [item.request.contact.email]

    def test_it_mails_no_link_for_what_we_ask_for_on_the_website(
        self, client: HttpsClient, item: RequestItem
    ) -> None:
        RequestItem.objects.update(method=RequestItem.Method.METHOD_A)
        self.ask(client, item.request.contact.email)
        assert mail.outbox == []

    def test_it_mails_nobody_who_left(
        self, client: HttpsClient, item: RequestItem
    ) -> None:
        contact = item.request.contact
        contact.is_active = False
        contact.save()
        self.ask(client, contact.email)
        assert mail.outbox == []

    def test_it_mails_a_contact_five_times_an_hour(
        self, client: HttpsClient, item: RequestItem
    ) -> None:
        words = {self.ask(client, item.request.contact.email) for _ in range(9)}
        assert len(mail.outbox) == MOST_LETTERS
        assert len(words) == 1
        AccessLink.objects.update(made_at=timezone.now() - dt.timedelta(hours=2))
        self.ask(client, item.request.contact.email)
        assert len(mail.outbox) == MOST_LETTERS + 1

    def test_it_limits_one_address_of_the_network(
        self, client: HttpsClient, factory: Factory
    ) -> None:
        for _ in range(15):
            self.ask(client, factory.make_item().request.contact.email)
        assert len(mail.outbox) == 10

    def test_it_asks_again_for_what_is_no_address(self, client: HttpsClient) -> None:
        answer = client.post("/fresh-link/", {"email": "me"})
        assert answer.status_code == 400
        assert mail.outbox == []


class TestHandOut:
    def test_it_mails_the_clients_own_contacts_only(
        self, item: RequestItem, factory: Factory
    ) -> None:
        stranger = factory.make_contact()
        left = factory.make_contact(client=item.client, is_active=False)
        for contact in (stranger, left):
            with pytest.raises(ValueError, match="own contacts only"):
                links.mail(item.request, contact, by=BY)
        assert mail.outbox == []
        assert not AccessLink.objects.exists()

    def test_a_letter_greets_who_reads_it(
        self, item: RequestItem, factory: Factory
    ) -> None:
        other = factory.make_contact(client=item.client, name="Jonas <Lind>")
        links.mail(item.request, other, by=BY)
        letter: Any = mail.outbox[0]
        assert letter.body.startswith("Hello Jonas,")
        assert "<p>Hello Jonas,</p>" in letter.alternatives[0][0]

    def test_a_clients_name_ends_nothing_in_the_letter(self, item: RequestItem) -> None:
        item.client.name = "</title></head><body><a href=https://evil.example>Here</a>"
        item.client.save()
        links.mail(AccessRequest.objects.get(), item.request.contact, by=BY)
        letter: Any = mail.outbox[0]
        assert "<a href=https://evil" not in letter.alternatives[0][0]

    def test_it_stores_no_token(self, item: RequestItem) -> None:
        handed = links.hand_out(item.request, AccessLink.HandOut.COPY, by=BY)
        token = handed.url.split("/")[-2]
        assert len(token) >= 43
        assert token not in str(AccessLink.objects.values().get())
        assert links.find(token) == handed.link

    def test_it_ends_one_link_or_all(self, item: RequestItem) -> None:
        urls = [links.hand_out(item.request, way, by=BY) for way in AccessLink.HandOut]
        tokens = [handed.url.split("/")[-2] for handed in urls]
        links.revoke(urls[0].link, by=BY)
        assert links.find(tokens[0]) is None
        assert links.find(tokens[1]) is not None
        links.revoke_all(item.request, by=BY)
        assert [links.find(token) for token in tokens] == [None, None, None]

    def test_it_hands_out_nothing_for_a_closed_request(self, factory: Factory) -> None:
        request = factory.make_request(closes_at=timezone.now())
        factory.make_item(request=request)
        with pytest.raises(links.NotCleared):
            links.hand_out(request, AccessLink.HandOut.PAPER, by=BY)


def test_it_ends_the_visit_of_a_contact_who_left(
    visitor: Callable[..., Any],
) -> None:
    browser = visitor("sofia")
    browser.sign_in_and_back()
    contact = browser.item.request.contact
    AccessLink.objects.update(contact=contact)
    assert browser.look().status_code == 200
    contact.is_active = False
    contact.save()
    assert browser.look().status_code == 404
    assert browser.share("7301846225110446081").status_code == 404


class TestRefusedLetter:
    @pytest.fixture(autouse=True)
    def no_mail_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(letter: Any, **kwargs: object) -> None:
            raise SMTPRecipientsRefused({letter.to[0]: (550, b"No such mailbox")})

        monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)

    def test_it_says_so_marks_the_contact_and_ends_the_link(
        self, item: RequestItem
    ) -> None:
        contact = item.request.contact
        with pytest.raises(LetterRefused, match="did not take the letter"):
            links.mail(item.request, contact, by=Actor.system("test"))
        contact.refresh_from_db()
        assert "did not take the letter" in contact.email_problem
        assert not AccessLink.objects.usable().exists()

    def test_it_keeps_the_neutral_page_quiet(
        self, client: HttpsClient, item: RequestItem
    ) -> None:
        address = item.request.contact.email
        assert client.post("/fresh-link/", {"email": address}).status_code == 200
        run_jobs()
        assert not AccessLink.objects.usable().exists()
