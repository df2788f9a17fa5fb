"""Pictures of every screen for people to look at.

`python -m tests.browser.pictures OUT_DIR` writes NAME-WIDTH-SCHEME.png for two widths,
light and dark. The window is made as high as the page first, so that sticky bars stand
where the page ends.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Route

from tests.browser.people import Guest, Person, Staff
from tests.browser.stage import Stage, set_up
from tests.browser.town import Town, open_chromium
from tests.gallery import CLIENT, PIECES

WINDOWS = ((1400, 900), (390, 844))
SCHEMES = ("light", "dark")
PROBLEMS = (
    "agency_login",
    "code_expired",
    "discovery_failed",
    "missing_scopes",
    "no_accounts",
    "no_center",
    "none_shareable",
    "not_admin",
    "other_client",
    "platform_down",
    "refused",
    "wrong_person",
)
DESKS = {
    "clients": "accounts/client/",
    "accounts": "accounts/adaccount/",
    "grants": "accounts/rolegrant/",
    "requests": "onboarding/accessrequest/",
    "keys": "accounts/connection/",
    "trail": "accounts/event/",
    "trail-search": "accounts/event/?q=Halden",
    "trail-nothing": "accounts/event/?q=nobody-of-that-name",
    "jobs": "jobs/",
    "grants-nothing": "accounts/rolegrant/?q=nothing-of-that-name",
    "grants-trouble": "accounts/rolegrant/?stands=trouble",
    "centers": "accounts/businesscenter/",
    "limits": "accounts/platformlimit/",
    "colleagues": "accounts/user/",
    "colleague-new": "accounts/user/add/",
    "client-new": "accounts/client/add/",
}


class Album:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def shoot(self, person: Person, name: str, *, afresh: bool = True) -> None:
        """Picture what somebody sees; `afresh` loads it anew at each width."""
        page = person.page
        before = page.viewport_size
        for width, height in WINDOWS:
            page.set_viewport_size({"width": width, "height": height})
            if afresh:
                page.reload()
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                high = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": high})
                page.screenshot(
                    path=self.folder / f"{name}-{width}-{scheme}.png",
                    animations="disabled",
                )
                page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)
        print(name, flush=True)


def walk(town: Town, stage: Stage, album: Album, database: Path) -> None:
    shoot_doors(town, album)
    mira, guest = town.staff("Mira Okafor"), town.guest()
    album.shoot(mira, "today-begin")
    shoot_asking(mira, album)
    link = mira.asks("Halden Outdoor")
    album.shoot(mira, "handout", afresh=False)
    mira.open(link)
    album.shoot(mira, "link-preview")
    shoot_journey(stage, guest, link, album)
    shoot_many(town, album)
    shoot_pending(town, mira, album)
    shoot_problems(town, mira, album, database)
    shoot_approval(town, mira, album)
    hang_gallery(stage)
    shoot_gallery(mira, album)
    shoot_wishes(town, mira, album)
    shoot_days(town, album)
    shoot_desks(town, mira, album)


def shoot_doors(town: Town, album: Album) -> None:
    stranger = town.guest()
    for name, path in (
        ("sign-in", "/accounts/login/"),
        ("sign-in-demo", "/demo/"),
        ("sign-in-forgotten", "/accounts/password/reset/"),
        ("neutral", "/l/nobody-made-this-link/"),
        ("404", "/nowhere/"),
    ):
        stranger.open(path)
        album.shoot(stranger, name)
    stranger.open("/l/nobody-made-this-link/")
    stranger.page.get_by_label("Your work e-mail").fill("sofia@haldenoutdoor.example")
    stranger.press("Send me a fresh link")
    album.shoot(stranger, "check-mail", afresh=False)
    stranger.open("/connect/client/tiktok/?state=unknown&auth_code=unknown")
    album.shoot(stranger, "problem-other_browser")


def shoot_asking(mira: Staff, album: Album) -> None:
    mira.opens_client("Halden Outdoor")
    album.shoot(mira, "client-begin")
    mira.press("Ask for access", role="link")
    album.shoot(mira, "ask")
    mira.page.get_by_role("radio", name="Admin").check()
    album.shoot(mira, "ask-admin", afresh=False)
    mira.press("Send it to an access owner")
    album.shoot(mira, "ask-errors", afresh=False)


def shoot_journey(stage: Stage, guest: Guest, link: str, album: Album) -> None:
    guest.open(link)
    album.shoot(guest, "link")
    stay_here(stage, guest)
    guest.press("Connect TikTok")
    guest.arrives("On to TikTok")
    album.shoot(guest, "leaving")
    guest.page.unroute_all()
    guest.open(link)
    with stage.resting_worker():
        guest.consents("sofia")
        guest.arrives("Reading your TikTok accounts")
        album.shoot(guest, "reading")
    guest.arrives("Which TikTok accounts")
    album.shoot(guest, "choose")
    guest.press("Share the ticked accounts as Operator")
    album.shoot(guest, "choose-error", afresh=False)
    with stage.resting_worker():
        guest.shares("Halden Nordics", "Halden DACH")
        guest.arrives("We are checking")
        album.shoot(guest, "results-working")
    guest.arrives("Done. 2 accounts arrived.")
    album.shoot(guest, "results-done")
    guest.open(link)
    album.shoot(guest, "link-after")


def stay_here(stage: Stage, guest: Guest) -> None:
    """Answer the trip to TikTok with nothing, which leaves the hop page standing."""

    def nothing(route: Route) -> None:
        route.fulfill(status=204)

    guest.page.route(f"{stage.simulator_url}/portal/auth**", nothing)


def shoot_many(town: Town, album: Album) -> None:
    tomas, guest = town.staff("Tomás Vega"), town.guest()
    guest.open(tomas.asks("Vance Motors"))
    guest.consents("greta")
    guest.arrives("Which TikTok accounts")
    album.shoot(guest, "choose-130")


def shoot_pending(town: Town, mira: Staff, album: Album) -> None:
    guest = town.guest()
    guest.open(mira.asks("Brightwater Clinics"))
    guest.consents("dana")
    guest.shares("Brightwater Clinics Shop", "Brightwater Clinics Brand")
    guest.arrives("Thank you. Your part is done for now.")
    album.shoot(guest, "results-pending")


def shoot_problems(town: Town, mira: Staff, album: Album, database: Path) -> None:
    """One visit is led to each problem in the books: some take hours to reach."""
    guest = town.guest()
    guest.open(mira.asks("Blom Ceramics"))
    guest.consents("oskar")
    guest.arrives("There is no ad account in this sign-in")
    visit = guest.page.url.split("/")[-2].replace("-", "")
    for problem in PROBLEMS:
        with sqlite3.connect(database, timeout=20) as books:
            books.execute(
                "UPDATE onboarding_linksession SET problem = ? WHERE id = ?",
                (problem, visit),
            )
        album.shoot(guest, f"problem-{problem}")
    maren = town.guest()
    maren.open(mira.asks("Maren Home"))
    maren.consents("maren")
    maren.page.get_by_label("Ad account id").fill("12345")
    maren.press("Send the number")
    album.shoot(maren, "no-center-error", afresh=False)
    maren.page.get_by_label("Ad account id").fill("7301846225110449999")
    maren.press("Send the number")
    maren.arrives("Thank you")
    album.shoot(maren, "results-manual")


def shoot_approval(town: Town, mira: Staff, album: Album) -> None:
    mira.opens_client("Calder Books")
    mira.press("Ask for access", role="link")
    mira.page.get_by_role("radio", name="Admin").check()
    mira.page.get_by_label("Why Admin").fill("Ruth leaves billing to us until spring.")
    until = dt.date.today() + dt.timedelta(days=90)
    mira.page.get_by_label("Admin until").fill(until.isoformat())
    mira.press("Send it to an access owner")
    album.shoot(mira, "request-waits")
    priya = town.staff("Priya Raman")
    album.shoot(priya, "today-owner")
    priya.open(mira.page.url)
    priya.press("See and decide", role="link")
    album.shoot(priya, "approval")


def hang_gallery(stage: Stage) -> None:
    """Make a grant of every state: some take days to reach."""
    stage.supervisor.run("gallery", (sys.executable, "-m", "tests.gallery"))


def shoot_gallery(mira: Staff, album: Album) -> None:
    mira.opens_client(CLIENT)
    album.shoot(mira, "client-gallery")
    for piece in PIECES:
        mira.opens_grant(CLIENT, piece.account)
        album.shoot(mira, "grant-" + piece.name.lower().replace(" ", "-"))


def shoot_wishes(town: Town, mira: Staff, album: Album) -> None:
    """What is asked of a grant, a key, a client: each page before it is done."""
    mira.opens_grant("Halden Outdoor", "Halden Nordics")
    grant = mira.page.url
    mira.press("Change the role", role="link")
    album.shoot(mira, "change-role")
    mira.open(grant)
    mira.press("Take back", role="link")
    album.shoot(mira, "take-back")
    mira.opens_client(CLIENT)
    mira.press("Adopt", role="link")
    album.shoot(mira, "adopt")
    mira.opens_client("Halden Outdoor")
    mira.press("Disconnect", role="link")
    album.shoot(mira, "disconnect")
    priya = town.staff("Priya Raman")
    priya.opens_client("Halden Outdoor")
    priya.press("Same client as …", role="link")
    album.shoot(priya, "merge-choose")
    priya.open("/admin/accounts/user/?q=jonas")
    priya.press("Jonas Lind", role="link")
    album.shoot(priya, "colleague")
    priya.press("Reset second factor", role="link")
    album.shoot(priya, "reset")


def shoot_days(town: Town, album: Album) -> None:
    for name, picture in (
        ("Mira Okafor", "today-busy"),
        ("Priya Raman", "today-owner-busy"),
        ("Jonas Lind", "today-buyer"),
        ("Inês Carvalho", "today-auditor"),
    ):
        album.shoot(town.staff(name), picture)


def shoot_desks(town: Town, mira: Staff, album: Album) -> None:
    mira.open("/admin/")
    album.shoot(mira, "today")
    for client, name in (
        ("Halden Outdoor", "client"),
        ("Brightwater Clinics", "client-pending"),
        ("Maren Home", "client-manual"),
    ):
        mira.opens_client(client)
        album.shoot(mira, name)
    mira.opens_grant("Halden Outdoor", "Halden Nordics")
    album.shoot(mira, "grant")
    mira.opens_grant("Brightwater Clinics", "Brightwater Clinics Shop")
    album.shoot(mira, "grant-pending")
    mira.opens_client("Brightwater Clinics")
    mira.press("Operator on TikTok", role="link")
    album.shoot(mira, "request")
    mira.press("Hand out a link", role="link")
    album.shoot(mira, "handout-begin")
    priya = town.staff("Priya Raman")
    for name, path in DESKS.items():
        priya.open(f"/admin/{path}")
        album.shoot(priya, name)
    priya.open("/accounts/2fa/")
    album.shoot(priya, "two-steps")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("Say where to put them: python -m tests.browser.pictures OUT_DIR")
        return 2
    with tempfile.TemporaryDirectory() as name, open_chromium() as chromium:
        folder = Path(name)
        with set_up(folder) as stage:
            town = Town(chromium, stage)
            walk(town, stage, Album(Path(arguments[0])), folder / "portal.sqlite3")
            town.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
