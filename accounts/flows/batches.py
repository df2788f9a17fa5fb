"""Calls that give, change or take back a share: what one of them is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import Connection, GrantAttempt, RoleGrant
from accounts.platforms.registry import platforms
from accounts.platforms.roles import Role

Operation = GrantAttempt.Operation
# A grant, whose key asks for it, and what is asked.
Sendable = tuple[RoleGrant, Connection, Operation]


@dataclass(frozen=True)
class Batch:
    """Grants of one giving center, receiver and role, with one key, for one call."""

    key: Connection
    operation: Operation
    grants: list[RoleGrant]

    def one_by_one(self) -> list[Batch]:
        return [Batch(self.key, self.operation, [grant]) for grant in self.grants]

    def call(self, connector: Any, token: Any) -> Any:
        one = self.grants[0]
        assert one.asset.center is not None
        giver, receiver = one.asset.center.external_id, one.grantee.external_id
        account_ids = [grant.asset.external_id for grant in self.grants]
        if self.operation == Operation.UNSHARE:
            return connector.unshare_accounts(token, giver, receiver, account_ids)
        role = Role(one.asked_role)
        return connector.share_accounts(token, giver, receiver, account_ids, role)


def in_batches(sendable: Iterable[Sendable]) -> list[Batch]:
    """Group what may go in one call, no more at a time than the platform takes."""
    groups: defaultdict[tuple[Any, ...], list[RoleGrant]] = defaultdict(list)
    for grant, key, operation in sendable:
        place = (grant.asset.center_id, grant.grantee_id, grant.asked_role)
        groups[key, operation, *place].append(grant)
    return [
        Batch(key, operation, group[start : start + size])
        for (key, operation, *_), group in groups.items()
        for size in [platforms()[key.platform].batch_sizes["share"]]
        for start in range(0, len(group), size)
    ]
