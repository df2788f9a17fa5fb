"""How a post's code reads: its pill, its end beside the campaign's, and who acts next.

Red is said in one place, here: a code that ends before its campaign does. A day is the
agency's, as a campaign's last day is.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import TruncDate
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.flows import posts_keys
from accounts.flows.posts import GOING
from accounts.flows.posts_judging import is_missed
from accounts.flows.posts_steps import for_work
from accounts.ladder import STALE, Pill
from accounts.models import Assignment, PostAuthorization
from accounts.models.base import is_today
from accounts.platforms.registry import platform
from accounts.zones import day_word, house_day

State = PostAuthorization.State

SOON = dt.timedelta(days=14)
# An end may lie so far off that days say little.
IN_MONTHS = 60
DAYS_A_MONTH = 30.44

PILLS: dict[str, tuple[str, str, Any]] = {
    State.WAITING: ("work", "requesting", gettext_lazy("Not bound yet")),
    State.UNUSED: ("off", "draft", gettext_lazy("Not used")),
    State.ACTIVE: ("ok", "active", gettext_lazy("In use")),
    State.FAILED: ("bad", "failed", gettext_lazy("Refused")),
    State.ENDED: ("off", "expired", gettext_lazy("Ended")),
    State.WITHDRAWING: ("work", "revoking", gettext_lazy("Removing")),
    State.WITHDRAWN: ("off", "revoked", gettext_lazy("Removed")),
}
STUCK = ("wait", "requesting", gettext_lazy("Not bound yet"))
NOT_REMOVED = ("bad", "revoking", gettext_lazy("Not removed yet"))
MISSED = ("wait", "stale", gettext_lazy("Not listed, read again soon"))
OVERDUE = ("wait", "expired", gettext_lazy("Its end is not read yet"))

# Of rows of `for_rows`: somebody has to act, we or whom we ask (`turn_of`).
ON_US = (
    Q(is_short=True)
    | Q(lacks_code=True)
    | Q(state__in=(State.WAITING, State.WITHDRAWING)) & ~Q(problem="")
)

# What may still run, or did until a while ago: only these can end too early.
RUNNING = (State.WAITING, State.UNUSED, State.ACTIVE, State.ENDED)


class Turn(NamedTuple):
    """Who acts next, and what they do; nobody and nothing where it goes on alone."""

    who: str = ""
    act: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.who} {self.act[:1].lower()}{self.act[1:]}."


def for_rows(posts: QuerySet[PostAuthorization]) -> QuerySet[PostAuthorization]:
    """Fetch along what a row says, and compute what makes it red.

    A post goes on where a later code of it is bound for the same campaign.
    """
    later = PostAuthorization.objects.filter(
        authorization=OuterRef("authorization"),
        item_id=OuterRef("item_id"),
        state=State.ACTIVE,
        ends_at__gt=OuterRef("ends_at"),
    ).exclude(item_id="")
    served = Assignment.objects.select_related("user")
    rows: Any = for_work(posts)  # type: ignore[arg-type]
    rows = rows.annotate(
        ends_on=TruncDate("ends_at", tzinfo=timezone.get_default_timezone()),
        goes_on=Exists(later),
        has_newer=Exists(_newer()),
    )
    rows = rows.annotate(is_short=_yes_or_no(_red()), lacks_code=_yes_or_no(_refused()))
    trouble = ON_US | Q(state=State.WITHDRAWING)
    over = Q(state__in=PostAuthorization.ENDED)
    place = Case(When(trouble, then=Value(0)), When(over, then=Value(2)), default=1)
    rows = rows.annotate(place=place)
    return rows.prefetch_related(Prefetch("authorization__client__assignments", served))


def too_short(posts: QuerySet[PostAuthorization]) -> QuerySet[PostAuthorization]:
    """Narrow rows of `for_rows` to those whose end is red."""
    rows: Any = posts
    return rows.filter(is_short=True)


def _red() -> Q:
    return Q(
        state__in=RUNNING,
        goes_on=False,
        authorization__campaign_ends_on__gte=house_day(),
        ends_on__lte=F("authorization__campaign_ends_on"),
    )


def _refused() -> Q:
    """While its campaign goes on and nobody has entered, or made, a newer one."""
    return Q(
        ~Q(authorization__state__in=GOING),
        state=State.FAILED,
        has_newer=False,
        authorization__campaign_ends_on__gte=house_day(),
    )


def _newer() -> QuerySet[PostAuthorization]:
    """Return codes that came after one: of its post, as far as both are known."""
    any_post = Q(item_id="") | Exact(OuterRef("item_id"), Value(""))
    return PostAuthorization.objects.filter(
        any_post | Q(item_id=OuterRef("item_id")),
        authorization=OuterRef("authorization"),
        made_at__gt=OuterRef("made_at"),
    )


def _yes_or_no(condition: Q) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(condition, BooleanField())


def pill_of(post: PostAuthorization) -> Pill:
    """Return the state in a word; green is said of what was read today alone."""
    tone, icon, word = PILLS[post.state]
    if post.state == State.ACTIVE and is_missed(post):
        tone, icon, word = MISSED
    elif post.state == State.ACTIVE and _is_past(post):
        tone, icon, word = OVERDUE
    elif post.state == State.ACTIVE and not is_today(post.verified_at):
        tone, icon, word = STALE
    elif post.state == State.WAITING and post.problem:
        tone, icon, word = STUCK
    elif post.state == State.WITHDRAWING and post.problem:
        tone, icon, word = NOT_REMOVED
    return {"tone": tone, "icon": icon, "word": word}


def beside_campaign(post: Any) -> str:
    """Return how its end lies to the campaign's: 9 days before the campaign."""
    if post.ends_on is None:
        return ""
    last = post.authorization.campaign_ends_on
    is_after = post.ends_on > last and post.state != State.ENDED
    return beside(post.ends_on, last) if post.is_short or is_after else ""


def beside(day: dt.date, last: dt.date) -> str:
    """Return how a day lies to a campaign's last."""
    days = (last - day).days
    if days == 0:
        return _("On the campaign's last day")
    if days < 0:
        return _after(-days)
    return ngettext(
        "%(n)s day before the campaign", "%(n)s days before the campaign", days
    ) % {"n": days}


def _after(days: int) -> str:
    if days < IN_MONTHS:
        return ngettext(
            "%(n)s day after the campaign", "%(n)s days after the campaign", days
        ) % {"n": days}
    months = round(days / DAYS_A_MONTH)
    return ngettext(
        "%(n)s month after the campaign", "%(n)s months after the campaign", months
    ) % {"n": months}


def days_of(post: PostAuthorization) -> str:
    if not post.days:
        return ""
    return ngettext("%(n)s day", "%(n)s days", post.days) % {"n": post.days}


def end_of_code(post: PostAuthorization) -> str:
    """Return all that is shown of the code."""
    return f"…{post.code_end}" if post.code_end else _("No code yet")


def since(post: PostAuthorization) -> str:
    """Return from when it counts, or that nobody uses it yet."""
    if post.state in (State.WAITING, State.UNUSED):
        return _("not bound yet")
    if post.starts_at is None:
        return ""
    day = timezone.localdate(post.starts_at, timezone.get_default_timezone())
    return _("from %(day)s") % {"day": day_word(day)}


def turn_of(post: Any) -> Turn:
    """Return who acts next, by name where the books know one."""
    manager = str(post.authorization.client.acts or _("The account manager"))
    creator = post.authorization.creator.name
    portal = _("The portal")
    if post.lacks_code:
        return Turn(manager, _("Enters another code"))
    if post.state == State.WITHDRAWING:
        if post.problem:
            return Turn(manager, _("Sees to what keeps it"))
        return Turn(portal, _("Takes it off"))
    if post.is_short:
        return _turn_of_short(post, manager, creator)
    if post.state == State.WAITING:
        if post.problem:
            return Turn(manager, _("Sees to what stands in the way"))
        return Turn(portal, _("Binds it"))
    if post.state == State.ACTIVE and pill_of(post)["tone"] != "ok":
        at = post.next_check_at
        again = date_format(timezone.localtime(at), "H:i") if at else ""
        return Turn(portal, _("Reads again at %(at)s") % {"at": again} if again else "")
    return Turn()


def _turn_of_short(post: Any, manager: str, creator: str) -> Turn:
    longest = max(platform(post.authorization.platform).spark.post_days)
    if post.state == State.ENDED:
        return Turn(creator, _("Gives a new code for this post"))
    if posts_keys.of_creator(post.authorization) is not None and post.item_id:
        return Turn(manager, _("Gives it more days with the creator's key"))
    if post.state == State.ACTIVE:
        return Turn(creator, _("Chooses %(n)s days for this post") % {"n": longest})
    return Turn(manager, _("Asks for %(n)s days before using it") % {"n": longest})


def lives_on(post: PostAuthorization) -> bool:
    """Whether it is out of use with us and its code still lives at the creator's."""
    is_out = post.state == State.WITHDRAWN and bool(post.problem)
    return is_out and not _is_past(post)


def page_of(post: PostAuthorization) -> str:
    return reverse("admin:accounts_postauthorization_change", args=[post.pk])


def _is_past(post: PostAuthorization) -> bool:
    return post.ends_at is not None and post.ends_at <= timezone.now()
