"""Doors the job queue knocks on; ids only in their arguments."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.flows import (
    disconnecting,
    dropping,
    identifying,
    key_notices,
    merging,
    partners,
    posts_reminding,
    posts_work,
    refresh,
    spark_work,
    sync,
    work,
)
from accounts.flows.apart import in_turn
from accounts.models import Asset
from accounts.trail import Actor
from accounts.trail.context import request_scope
from accounts.vault import carrying

UNUSED_FOR = dt.timedelta(days=1)


def carry_out_grants(grant_ids: list[str]) -> int:
    """Carry out what these grants ask."""
    with request_scope():
        return work.carry_out(grant_ids)


def sweep_grants() -> int:
    """Carry out what is due; every minute."""
    with request_scope():
        return work.sweep()


def carry_out_spark(keys: list[str]) -> int:
    """Bring these Spark authorizations on, and read them back."""
    with request_scope():
        return spark_work.carry_out(keys)


def sweep_spark() -> int:
    """Bring on the Spark authorizations that are due; every minute."""
    with request_scope():
        return spark_work.sweep()


def carry_out_posts(post_ids: list[str]) -> int:
    """Carry out what these posts ask."""
    with request_scope():
        return posts_work.carry_out(post_ids)


def sweep_posts() -> int:
    """Carry out and read the posts that are due; every minute."""
    with request_scope():
        return posts_work.sweep()


def remind_of_codes() -> int:
    """Write to those whose posts' codes end soon; every morning."""
    with request_scope():
        return posts_reminding.send_due(timezone.now())


def end_partner(center_id: str, partner_id: str) -> bool:
    """End a partnership of one of our centers, as an access owner asked."""
    with request_scope():
        center, partner = (Asset.objects.get(pk=pk) for pk in (center_id, partner_id))
        return partners.carry_out(center, partner, by=Actor.task("partners"))


def drop_keys() -> int:
    """Give back the keys we promised or wish to, and those nobody needs."""
    by, before = Actor.task("drop keys"), timezone.now() - UNUSED_FOR
    with request_scope():
        ended = in_turn(
            (
                lambda: identifying.forget_unused_keys(before, by=by),
                lambda: dropping.drop_orphans(before, by=by),
                lambda: disconnecting.carry_out(by=by),
            )
        )
        return ended[-1]


def refresh_due() -> int:
    """Renew the keys that are due; every minute."""
    with request_scope():
        return refresh.sweep()


def sync_due() -> int:
    """Queue the lists due to be read: each of our centers' every six hours."""
    with request_scope():
        return sync.sweep()


def sync_center(sync_id: int) -> None:
    """Read one row of the timetable, then make room for the next."""
    with request_scope():
        in_turn((lambda: sync.run(sync_id), sync.sweep))


def forget_old_reads() -> int:
    """Delete reads of long ago that no grant rests on; every night."""
    return sync.prune(timezone.now())


def end_unused_key(connection_id: str, version: int) -> bool:
    """End the key of a login that turned out to be the wrong person's."""
    with request_scope():
        return dropping.drop_orphan(
            connection_id, version=version, by=Actor.task("wrong login")
        )


def gather_merged() -> int:
    """Bring on what came under a merged client while it was merged."""
    with request_scope():
        return merging.gather(by=Actor.task("gather"))


def notify_of_keys() -> int:
    """Write to those who have to see to a key; every minute."""
    return key_notices.sweep(timezone.now())


def tell_of_keys(notice_id: str) -> bool:
    """Send one colleague's notice."""
    with request_scope():
        return key_notices.send(notice_id)


def carry_secrets() -> int:
    """Put into Infisical what waits for that, and take away what was forgotten."""
    with request_scope():
        return carrying.sweep(by=Actor.task("vault"))
