"""Our own side: which centers become ours, and that staff have the last word."""

from __future__ import annotations

from accounts.flows import agency
from accounts.models import Asset, Connection, Grantee, User
from tests.simulated import Simulated, connect_our_side


def centers() -> dict[str, str]:
    return dict(
        Asset.objects.filter(kind=Asset.Kind.CENTER).values_list("name", "owner")
    )


def receivers() -> dict[str, int]:
    return {str(one): one.keys for one in Grantee.objects.receivers()}


def test_it_does_not_take_a_center_it_is_no_admin_of(
    tiktok: Simulated, owner: User
) -> None:
    connect_our_side(tiktok, owner, "jonas")
    assert centers() == {"Northlight Agency": Asset.Owner.UNKNOWN}
    assert receivers() == {}


def test_it_takes_the_centers_it_administers(our_side: Connection) -> None:
    assert set(centers().values()) == {Asset.Owner.AGENCY}
    assert receivers() == {"Northlight Agency": 1, "Northlight Nordic": 1}


def test_it_keeps_what_staff_said_of_a_center(
    our_side: Connection, tiktok: Simulated, owner: User
) -> None:
    nordic = Asset.objects.get(name="Northlight Nordic")
    nordic.owner = Asset.Owner.THIRD_PARTY
    nordic.save()
    agency.follow_owner(nordic)
    connect_our_side(tiktok, owner)
    nordic.refresh_from_db()
    assert nordic.owner == Asset.Owner.THIRD_PARTY
    assert receivers() == {"Northlight Agency": 1}
    standing = Grantee.objects.get(center=nordic).standing
    assert standing == Grantee.Standing.KNOWN_PARTNER


def test_it_reads_with_the_newest_key_of_an_admin(
    our_side: Connection, tiktok: Simulated, owner: User
) -> None:
    second = connect_our_side(tiktok, owner, "mira")
    receiver = Grantee.objects.get(label="Northlight Agency")
    assert agency.keys_for(receiver) == [second, our_side]
    assert receivers()["Northlight Agency"] == 2
