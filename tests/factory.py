"""Makes rows for tests: every field a test does not care about has a default."""

from __future__ import annotations

import datetime as dt
import hashlib
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.flows.spark_moving import turn_of
from accounts.models import (
    AdAccount,
    Approval,
    Asset,
    Assignment,
    BusinessCenter,
    Client,
    Connection,
    Consent,
    Contact,
    Creator,
    Grantee,
    Member,
    PostAuthorization,
    RoleGrant,
    SparkAuthorization,
    User,
)
from accounts.roles import ACCOUNT_MANAGERS
from onboarding.models import AccessLink, AccessRequest, RequestItem, SparkLink

PASSWORD = "correct horse battery staple"
PLATFORM = "tiktok"


class Factory:
    """`make_*` methods that need nothing; name what the test is about."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def make_user(
        self,
        *,
        role: str = ACCOUNT_MANAGERS,
        serves: Client | None = None,
        **fields: Any,
    ) -> User:
        """Make a colleague in one group; `serves` makes them that client's lead."""
        number = next(self._numbers)
        defaults = {
            "email": f"colleague{number}@northlight.example",
            "name": f"Colleague {number}",
            "password": PASSWORD,
        }
        user = User.objects.create_user(**{**defaults, **fields})
        if role:
            user.groups.add(Group.objects.get(name=role))
        if serves:
            self.make_assignment(client=serves, user=user)
        return user

    def make_client(self, **fields: Any) -> Client:
        number = next(self._numbers)
        return Client.objects.create(**{"name": f"Client {number}", **fields})

    def make_assignment(self, **fields: Any) -> Assignment:
        return Assignment.objects.create(
            **self._with(fields, client=self.make_client, user=self.make_user)
        )

    def make_contact(self, **fields: Any) -> Contact:
        number = next(self._numbers)
        defaults = {
            "name": f"Contact {number}",
            "email": f"contact{number}@client.example",
        }
        return Contact.objects.create(
            **self._with({**defaults, **fields}, client=self.make_client)
        )

    def make_center(self, **fields: Any) -> BusinessCenter:
        number = next(self._numbers)
        return BusinessCenter.objects.create(
            **{
                "platform": PLATFORM,
                "external_id": f"72{number:017}",
                "name": f"Center {number}",
                "owner": BusinessCenter.Owner.AGENCY,
                **fields,
            }
        )

    def make_receiver(self, **fields: Any) -> Grantee:
        """Make one of our own centers as a holder of roles."""
        center = fields.pop("center", None) or self.make_center()
        return Grantee.objects.create(
            **{
                "platform": PLATFORM,
                "kind": Grantee.Kind.CENTER,
                "external_id": center.external_id,
                "label": center.name,
                "standing": Grantee.Standing.OURS,
                "center": center,
                **fields,
            }
        )

    def make_member(self, **fields: Any) -> Member:
        number = next(self._numbers)
        email = f"member{number}@northlight.example"
        return Member.objects.create(
            **{"name": f"Member {number}", "email": email, **fields}
        )

    def make_person(self, *, seat_in: Asset | None = None, **fields: Any) -> Grantee:
        """Make one of our people as a platform knows them; with a seat, if told."""
        number = next(self._numbers)
        person = Grantee.objects.create(
            **{
                "platform": PLATFORM,
                "kind": Grantee.Kind.PERSON,
                "external_id": f"70{number:017}",
                "label": f"Person {number}",
                "standing": Grantee.Standing.OURS,
                **fields,
            }
        )
        if seat_in is not None:
            self.make_seat(asset=seat_in, grantee=person)
        return person

    def make_seat(self, **fields: Any) -> RoleGrant:
        """Make a Standard seat in one of our centers, read back just now."""
        return RoleGrant.objects.create(
            **self._with(
                {
                    "family": RoleGrant.Family.SEAT,
                    "state": RoleGrant.State.ACTIVE,
                    "source": RoleGrant.Source.STAFFED,
                    "asked_role": "standard",
                    "observed_role": "standard",
                    "observed_native": "STANDARD",
                    "verified_at": timezone.now(),
                    **fields,
                },
                asset=self.make_center,
                grantee=self.make_person,
            )
        )

    def make_ad_account(self, **fields: Any) -> AdAccount:
        number = next(self._numbers)
        defaults = {
            "platform": PLATFORM,
            "external_id": f"73{number:017}",
            "name": f"Ad account {number}",
            "owner": AdAccount.Owner.CLIENT,
        }
        return AdAccount.objects.create(
            **self._with({**defaults, **fields}, client=self.make_client)
        )

    def make_connection(self, **fields: Any) -> Connection:
        number = next(self._numbers)
        return Connection.objects.create(
            **{
                "platform": PLATFORM,
                "app_id": "7000000000000000001",
                "external_user_id": f"68{number:017}",
                "label": f"Login {number}",
                **fields,
            }
        )

    def make_consent(self, **fields: Any) -> Consent:
        """Make a client's consent; with `user` and no client, the agency's own."""
        defaults: dict[str, Any] = {"wording_version": "1"}
        if "user" in fields:
            defaults["purpose"] = Consent.Purpose.AGENCY
        else:
            defaults["purpose"] = Consent.Purpose.CLIENT
            fields = self._with(fields, client=self.make_client)
        return Consent.objects.create(
            **self._with({**defaults, **fields}, connection=self.make_connection)
        )

    def make_approval(self, **fields: Any) -> Approval:
        return Approval.objects.create(
            **self._with({"digest": "0" * 64, **fields}, asked_by=self.make_user)
        )

    def make_grant(self, **fields: Any) -> RoleGrant:
        """Make an Operator grant; an active one was read back just now."""
        defaults: dict[str, Any] = {
            "asked_role": "operator",
            "source": RoleGrant.Source.LINK,
        }
        if fields.get("state") == RoleGrant.State.ACTIVE:
            defaults |= {"observed_role": "operator", "verified_at": timezone.now()}
        return RoleGrant.objects.create(
            **self._with(
                {**defaults, **fields},
                asset=self.make_ad_account,
                grantee=self.make_receiver,
            )
        )

    def make_creator(self, **fields: Any) -> Creator:
        number = next(self._numbers)
        return Creator.objects.create(
            **{"name": f"Creator {number}", "handle": f"creator{number}", **fields}
        )

    def make_authorization(self, **fields: Any) -> SparkAuthorization:
        """Make what a creator is asked for; the campaign runs for a month."""
        now = timezone.now()
        defaults = {
            "platform": PLATFORM,
            "asked": ["posts"],
            "campaign": "Autumn",
            "campaign_ends_on": timezone.localdate() + dt.timedelta(days=30),
            "closes_at": now + dt.timedelta(days=7),
        }
        state = fields.get("state", SparkAuthorization.State.WAITING)
        defaults["waits_on"] = turn_of(state, fields.get("problem", ""))
        if state == SparkAuthorization.State.ACTIVE:
            granted = fields.get("granted", fields.get("asked", ["posts"]))
            defaults |= {"verified_at": now, "granted": granted}
            defaults |= {"key_read_at": now, "shown": {"key": granted}}
        return SparkAuthorization.objects.create(
            **self._with(
                {**defaults, **fields},
                client=self.make_client,
                creator=self.make_creator,
                asked_by=self.make_user,
            )
        )

    def make_post(self, **fields: Any) -> PostAuthorization:
        """Make a post with a code of 60 days in use, read back just now."""
        now = timezone.now()
        defaults = {
            "source": PostAuthorization.Source.TYPED,
            "item_id": f"744{next(self._numbers):016}",
            "title": "A post",
            "code_end": "k3Q=",
            "state": PostAuthorization.State.ACTIVE,
            "starts_at": now,
            "ends_at": now + dt.timedelta(days=60),
            "days": 60,
            "verified_at": now,
        }
        return PostAuthorization.objects.create(
            **self._with(
                {**defaults, **fields},
                authorization=self.make_authorization,
                made_by=self.make_user,
            )
        )

    def make_request(self, **fields: Any) -> AccessRequest:
        """Make an open request without items, to a contact of its client."""
        fields = self._with(fields, client=self.make_client, asked_by=self.make_user)
        if "contact" not in fields:
            fields["contact"] = self.make_contact(client=fields["client"])
        closes_at = timezone.now() + dt.timedelta(days=7)
        return AccessRequest.objects.create(**{"closes_at": closes_at, **fields})

    def make_item(self, **fields: Any) -> RequestItem:
        fields = self._with(
            fields, request=self.make_request, receiver=self.make_receiver
        )
        client = fields["request"].client
        return RequestItem.objects.create(
            **{"platform": PLATFORM, "client": client, **fields}
        )

    def make_link(self, *, token: str = "", **fields: Any) -> AccessLink:
        """Make a hand-out whose secret is `token`."""
        fields = self._with(fields, request=self.make_request)
        token = token or f"token-{next(self._numbers)}"
        return AccessLink.objects.create(
            **{
                "contact": fields["request"].contact,
                "hand_out": AccessLink.HandOut.COPY,
                "token_hash": hashlib.sha256(token.encode()).hexdigest(),
                "expires_at": fields["request"].closes_at,
                **fields,
            }
        )

    def make_spark_link(self, *, token: str = "", **fields: Any) -> SparkLink:
        """Make a hand-out to a creator whose secret is `token`."""
        fields = self._with(fields, authorization=self.make_authorization)
        token = token or f"token-{next(self._numbers)}"
        return SparkLink.objects.create(
            **{
                "hand_out": SparkLink.HandOut.PAPER,
                "token_hash": hashlib.sha256(token.encode()).hexdigest(),
                "expires_at": fields["authorization"].closes_at,
                **fields,
            }
        )

    def _with(self, fields: dict[str, Any], **makers: Any) -> dict[str, Any]:
        """Return `fields` with every one that is missing made."""
        made = {name: make() for name, make in makers.items() if name not in fields}
        return {**made, **fields}
