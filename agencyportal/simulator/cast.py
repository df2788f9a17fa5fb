"""Builders: what each scenario gives a person. Every name is invented."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agencyportal.simulator.clearing import clear
from agencyportal.simulator.names import COMPANIES, COMPANIONS, KNOWN_IDS, make_id
from agencyportal.simulator.state import (
    Account,
    Assignment,
    Center,
    Member,
    Partnership,
    Person,
    Relation,
    Share,
    World,
)

CENTER, ACCOUNT, USER = 72, 73, 68
BORN = 1_700_000_000


def company_of(person: Person) -> str:
    return COMPANIES.get(person.slug, (person.name,))[0]


def add_person(world: World, slug: str, name: str, email: str) -> Person:
    person = Person(slug, make_id(f"person {slug}", kind=USER), name, email, BORN)
    world.people.append(person)
    return person


def add_center(world: World, name: str, company: str, **more: object) -> Center:
    bc_id = KNOWN_IDS.get(name) or make_id(f"center {name}", kind=CENTER)
    known = world.center(bc_id)
    if known is None:
        known = Center(bc_id, name, company, **more)  # type: ignore[arg-type]
        world.centers.append(known)
    return known


def add_member(
    world: World, center: Center, person: Person, role: str = "ADMIN"
) -> None:
    """Seat a person in a center; an admin gets Admin on the accounts it owns."""
    world.members.append(
        Member(center.bc_id, person.user_id, person.name, person.email, role)
    )
    if role == "ADMIN":
        for account in world.accounts:
            if account.owner_bc_id == center.bc_id:
                assign(world, center, person, account, "ADMIN")


def add_account(
    world: World,
    name: str,
    company: str,
    *,
    center: Center | None = None,
    person: Person | None = None,
    money: tuple[str, str, str] = ("EUR", "Europe/Berlin", "DE"),
) -> Account:
    """Add an ad account owned by a center or a person; its admins get Admin."""
    currency, timezone, country = money
    account = Account(
        KNOWN_IDS.get(name) or make_id(f"account {name}", kind=ACCOUNT),
        name,
        company,
        BORN,
        owner_bc_id=center.bc_id if center else "",
        owner_user_id=person.user_id if person else "",
        currency=currency,
        timezone=timezone,
        country=country,
    )
    world.accounts.append(account)
    for member in world.members if center else ():
        if center and member.bc_id == center.bc_id and member.user_role == "ADMIN":
            world.assignments.append(
                Assignment(center.bc_id, member.user_id, account.advertiser_id, "ADMIN")
            )
    return account


def assign(
    world: World, center: Center, person: Person, account: Account, role: str
) -> None:
    world.assignments.append(
        Assignment(center.bc_id, person.user_id, account.advertiser_id, role)
    )


def play(world: World, person: Person, scenario: str) -> None:
    """Give a person what the scenario needs, in place of what they had.

    Raise KeyError for an unknown scenario, or one of the agency's own people.
    """
    builder = BUILDERS[scenario]
    clear(world, person)
    person.scenario = scenario
    builder(world, person)


def _companion(world: World, person: Person, part: str) -> Person:
    """Return the second person a scenario needs, made when there is none yet."""
    slug = f"{person.slug}-{part}"
    name, email = COMPANIONS.get(
        slug, (f"{part.title()} of {company_of(person)}", f"{slug}@someone.example")
    )
    found = world.person(slug) or add_person(world, slug, name, email)
    found.companion_of = person.slug
    return found


def _one_center(
    world: World, person: Person, names: Sequence[str] = ("Shop", "Brand")
) -> Center:
    company = company_of(person)
    center = add_center(world, company, company)
    add_member(world, center, person)
    for name in names:
        add_account(world, f"{company} {name}", company, center=center)
    return center


def _happy(world: World, person: Person) -> None:
    company = company_of(person)
    short = company.split()[0]
    center = add_center(world, company, company)
    add_member(world, center, person)
    for name, *money in (
        ("Nordics", "SEK", "Europe/Stockholm", "SE"),
        ("DACH", "EUR", "Europe/Berlin", "DE"),
        ("UK", "GBP", "Europe/London", "GB"),
    ):
        add_account(
            world,
            f"{short} {name}",
            company,
            center=center,
            money=tuple(money),  # type: ignore[arg-type]
        )
    retail = add_center(world, f"{short} Retail", f"{short} Retail")
    add_member(world, retail, _companion(world, person, "partner"))
    foreign = add_account(
        world, f"{short} Retail Partners", retail.company, center=retail
    )
    world.partnerships.append(Partnership(retail.bc_id, center.bc_id))
    world.shares.append(
        Share(retail.bc_id, center.bc_id, foreign.advertiser_id, "ANALYST", "ACCEPTED")
    )
    assign(world, center, person, foreign, "ANALYST")
    own = add_account(world, f"{short} Archive", company, person=person)
    world.relations.append(
        Relation(center.bc_id, own.advertiser_id, "OWNER_INDIVIDUAL", "BOUND")
    )


def _receiver_must_accept(world: World, person: Person) -> None:
    _one_center(world, person).shares_wait = True


def _not_admin(world: World, person: Person) -> None:
    company = company_of(person)
    center = add_center(world, company, company)
    add_member(world, center, _companion(world, person, "admin"))
    add_member(world, center, person, "STANDARD")
    account = add_account(world, f"{company} Ads", company, center=center)
    assign(world, center, person, account, "OPERATOR")


def _several_centers(world: World, person: Person) -> None:
    company = company_of(person)
    short = company.split()[0]
    for name, role in (("UK", "ADMIN"), ("B2B", "ADMIN"), ("Racing", "STANDARD")):
        center = add_center(world, f"{company} {name}", company)
        add_member(world, center, person, role)
        add_account(world, f"{short} {name} Main", company, center=center)
        add_account(world, f"{short} {name} Test", company, center=center)


def _no_center(world: World, person: Person) -> None:
    company = company_of(person)
    for name in ("Living", "Garden"):
        add_account(world, f"{company} {name}", company, person=person)


def _zero_accounts(world: World, person: Person) -> None:
    _one_center(world, person, ())


def _many_accounts(world: World, person: Person) -> None:
    _one_center(world, person, [f"{number:03}" for number in range(1, 131)])


def _partial_scopes(world: World, person: Person) -> None:
    _one_center(world, person)
    person.withheld_scopes = [155]


def _two_clients(world: World, person: Person) -> None:
    names = COMPANIES.get(person.slug, (f"{person.name} One", f"{person.name} Two"))
    for company in names:
        center = add_center(world, company, company)
        add_member(world, center, person)
        for name in ("Shop", "Brand"):
            add_account(world, f"{company} {name}", company, center=center)


def _plain(world: World, person: Person) -> None:
    _one_center(world, person)


def _reauthorize(kind: str) -> Callable[[World, Person], None]:
    def build(world: World, person: Person) -> None:
        _one_center(world, person)
        person.reauthorization = kind

    return build


BUILDERS: dict[str, Callable[[World, Person], None]] = {
    "happy": _happy,
    "receiver_must_accept": _receiver_must_accept,
    "not_admin": _not_admin,
    "several_centers": _several_centers,
    "no_center": _no_center,
    "zero_accounts": _zero_accounts,
    "many_accounts": _many_accounts,
    "partial_scopes": _partial_scopes,
    "refusal": _plain,
    "two_clients": _two_clients,
    "reauthorize_same": _reauthorize("same"),
    "reauthorize_new_old_alive": _reauthorize("new_old_alive"),
    "reauthorize_new_old_dead": _reauthorize("new_old_dead"),
}
