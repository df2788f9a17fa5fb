"""The desk for colleagues.

Only access owners and superusers manage people, nobody raises themselves, nobody is
deleted: their name stands on the trail. There is no password field, and a second factor
is taken away by two people only.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, ManyToManyField, OuterRef, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts.admin import colleague_page, resets
from accounts.admin.base import Desk
from accounts.admin.filters import titled
from accounts.admin.forms import ZoneInput
from accounts.admin.saves import note_save
from accounts.flows.practices import why_not_address
from accounts.letters import LetterRefused, send_letter
from accounts.models import User
from accounts.roles import (
    ACCESS_OWNERS,
    is_access_owner,
    is_superuser,
    manages_people,
)
from accounts.signin.factors import SECOND
from accounts.signin.invitations import WelcomeError, welcome

NEW = ("email", "name", "groups", "expires_on", "time_zone")
KNOWN = (*NEW, "away_until", "is_active", "is_superuser")
# Nobody changes these for themselves, and who is changed is nobody's second person.
NEVER_ONES_OWN = ("email", "groups", "expires_on", "is_active", "is_superuser")

for model in (
    *(EmailAddress, Authenticator, UserSession, Group),
    *(Failure, OrmQ, Schedule, Success),
):
    # Registered by their packages; each would be a way around our desks: a schedule
    # that can be typed runs any function there is.
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class ColleagueForm(ModelForm):  # type: ignore[type-arg]
    """A colleague; their address is their own, and at a house we know."""

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if email != self.initial.get("email") and (no := why_not_address(email)):
            raise ValidationError(no)
        return email


@admin.action(description="Send the welcome letter again", permissions=["change"])
def send_welcome_again(
    modeladmin: UserAdmin, request: HttpRequest, people: QuerySet[User]
) -> None:
    for person in people:
        if modeladmin.has_change_permission(request, person):
            modeladmin.welcome(request, person)


@admin.register(User)
class UserAdmin(Desk):
    form = ColleagueForm
    noun = "colleague"
    panels = colleague_page.PANELS
    list_display = ("name", "email", "role", "second_factor", "expires_on", "is_active")
    list_filter = (("is_active", titled("sign-in")), ("groups", titled("role")))
    search_fields = ("name", "email")
    ordering = ("name",)
    actions = (send_welcome_again,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        enrolled = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND)
        people = super().get_queryset(request)
        return people.annotate(is_enrolled=Exists(enrolled)).prefetch_related("groups")

    @admin.display(description="role")
    def role(self, person: User) -> str:
        return colleague_page.role_of(person)

    @admin.display(description="second factor", boolean=True, ordering="is_enrolled")
    def second_factor(self, person: Any) -> bool:
        return bool(person.is_enrolled)

    def subtitle(self, request: HttpRequest, obj: User) -> str:
        return colleague_page.role_of(obj) if obj.may_sign_in else "May not sign in"

    def get_urls(self) -> list[Any]:
        return [*resets.urls(), *super().get_urls()]

    def acts(self, request: HttpRequest, obj: User) -> list[dict[str, Any]]:
        return resets.acts(request, obj)

    def banner(self, request: HttpRequest, obj: User) -> dict[str, Any] | None:
        return resets.banner(request, obj)

    # Who may do what ----------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return manages_people(request.user) and super().has_add_permission(request)

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        if not manages_people(request.user):
            return False
        if obj is not None and self._is_out_of_reach(request, obj):
            return False
        return super().has_change_permission(request, obj)

    def _is_out_of_reach(self, request: HttpRequest, person: User) -> bool:
        """True for those only a superuser changes: superusers and access owners.

        An approval needs two people. Whoever could make an access owner of their own,
        or take one's address, would be both of them.
        """
        if is_superuser(request.user) or person.pk == request.user.pk:
            return False
        return person.is_superuser or is_access_owner(person)

    # The form -----------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = NEW if obj is None else (*KNOWN, "second_factor", "last_login")
        if not is_superuser(request.user):
            return tuple(name for name in fields if name != "is_superuser")
        return fields

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return ()
        own = NEVER_ONES_OWN if obj.pk == request.user.pk else ()
        return ("second_factor", "last_login", *own)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "time_zone":
            field.widget = ZoneInput()
        return field

    def formfield_for_manytomany(
        self,
        db_field: ManyToManyField[Any, Any],
        request: HttpRequest,
        **kwargs: Any,
    ) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = CheckboxSelectMultiple()
            kwargs["help_text"] = ""
            if not is_superuser(request.user):
                kwargs["queryset"] = Group.objects.exclude(name=ACCESS_OWNERS)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # What a save does ---------------------------------------------------------------

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        """Save only: the event waits for the groups."""
        if not change:
            obj.set_unusable_password()
        elif set(form.changed_data) & set(NEVER_ONES_OWN):
            obj.changed_at = timezone.now()
        obj.save()

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        """The groups are saved here, so here the event can name them."""
        super().save_related(request, form, formsets, change)
        person = form.instance
        note_save(request, person, form, change)
        if not change:
            transaction.on_commit(lambda: self.welcome(request, person))
        elif (old := form.initial.get("email", person.email)) != person.email:
            transaction.on_commit(lambda: self.tell_at(old, request, person))

    def tell_at(self, old: str, request: HttpRequest, person: User) -> None:
        """Write to the address they had: whoever moves it gets their letters."""
        context = {"user": person, "by": request.user}
        try:
            send_letter("address_changed", to=old, context=context)
        except LetterRefused as no:
            self.message_user(request, f"{person} is saved. {no}", messages.WARNING)

    def welcome(self, request: HttpRequest, person: User) -> None:
        """Mail a welcome link; say so, or say what went wrong, on the next page."""
        try:
            welcome(person, by=cast(User, request.user))
        except WelcomeError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(
                request,
                f"{person} has a welcome letter at {person.email}. Its link works once,"
                " for three days.",
            )
