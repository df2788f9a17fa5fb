"""What every desk does: show only what may be seen, put every save on the trail."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst

from accounts.admin import panels
from accounts.admin.filters import FilteredList
from accounts.admin.paging import NearerEnd
from accounts.admin.panels import Panel
from accounts.admin.saves import note_save

# With this in its address, a page comes with its form.
EDIT = "edit"


class Desk(admin.ModelAdmin):  # type: ignore[type-arg]
    """The base of all desks.

    `noun` names its page for the panels of others, `panels` are its own; a desk
    without a noun is a stock form. Objects
    somebody may not see answer 404, as if they did not exist.
    """

    noun = ""
    panels: tuple[Panel, ...] = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # every choice would be counted in full
    list_per_page = 50
    paginator: ClassVar[type[Paginator[Any]]] = NearerEnd
    change_form_template = "admin/desk.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(request.user)
        return rows

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        related: Any = db_field.related_model._default_manager.all()
        if hasattr(related, "visible_to"):
            kwargs.setdefault("queryset", related.visible_to(request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self,
        db_field: ManyToManyField[Any, Any],
        request: HttpRequest,
        **kwargs: Any,
    ) -> Any:
        related: Any = db_field.related_model._default_manager.all()
        if hasattr(related, "visible_to"):
            kwargs.setdefault("queryset", related.visible_to(request.user))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Compare with the row, not a hidden field: the trail says what changed."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.show_hidden_initial = False
        return field

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """History outlives convenience: rows end, they are not deleted."""
        return False

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The trail is the history; the stock one knows only part of it."""
        raise Http404

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FilteredList

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Without a search or filter all rows are shown, so nothing offers them."""
        page = super().get_changelist_instance(request)
        if not page.query and not page.has_active_filters:
            page.full_result_count = page.result_count
        return page

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(
            request, {"title": title, **(extra_context or {})}
        )

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Draw the form alone; the page it belongs to is a press away."""
        context["has_page"] = bool(self.noun)
        if obj is not None and self.noun:
            context |= {"title": f"Edit {self.heading(request, obj)}", "subtitle": ""}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page; those who press Edit get the form."""
        wants_form = request.method == "POST" or {EDIT, IS_POPUP_VAR} & set(request.GET)
        if wants_form or not self.noun:
            return super().change_view(request, object_id, form_url, extra_context)
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {
            **self.admin_site.each_context(request),
            **self._page(request, obj),
            "opts": self.opts,
            "original": obj,
            "has_view_permission": True,
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.change_form_template, context)

    def _page(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        banner = self.banner(request, obj)
        return {
            "title": self.heading(request, obj),
            "subtitle": self.subtitle(request, obj),
            "desk_acts": self._all_acts(request, obj, banner),
            "desk_banner": banner,
            "desk_panels": panels.draw(self.noun, self.panels, request, obj),
        }

    def response_post_save_change(
        self, request: HttpRequest, obj: Any
    ) -> HttpResponseRedirect:
        """Lead back to the page that was edited, not to the list of all."""
        if not self.noun or not self.has_view_or_change_permission(request, obj):
            return super().response_post_save_change(request, obj)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[obj.pk]))

    def _all_acts(
        self, request: HttpRequest, obj: Any, banner: dict[str, Any] | None
    ) -> list[dict[str, Any]]:
        """Return the desk's own acts, then what others offer, then Edit; one is filled.

        A banner comes first: what others offer is not the next act then, unless it
        says `is_next` of itself, and beside the banner's own button none is.
        """
        others = panels.acts_of(self.noun, request, obj)
        may_edit = self.has_change_permission(request, obj)
        offered = [
            *self.acts(request, obj),
            *({**act, "is_main": act.get("is_next", banner is None)} for act in others),
            *([{"label": "Edit", "url": f"?{EDIT}=1"}] if may_edit else []),
        ]
        has_main = bool(banner and banner.get("act"))
        acts = []
        for act in offered:
            acts.append({**act, "is_main": act.get("is_main") and not has_main})
            has_main = has_main or bool(act.get("is_main"))
        return acts

    def heading(self, request: HttpRequest, obj: Any) -> str:
        return str(obj)

    def subtitle(self, request: HttpRequest, obj: Any) -> str:
        return ""

    def acts(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """Return the buttons of the page's head, the next act first."""
        return []

    def banner(self, request: HttpRequest, obj: Any) -> dict[str, Any] | None:
        """Return the one thing to do next, if there is one."""
        return None

    def save_model(
        self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool
    ) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            note_save(request, obj, form, change)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: bool
    ) -> None:
        with transaction.atomic():
            super().save_formset(request, form, formset, change)
            for row_form in formset.forms:
                if row_form.has_changed() and row_form.instance.pk:
                    is_old = row_form.instance not in formset.new_objects
                    note_save(request, row_form.instance, row_form, is_old)

    def log_addition(self, *args: Any) -> Any:
        """Not in the stock log: save_model has put it on the trail."""

    def log_change(self, *args: Any) -> Any:
        """Not in the stock log: save_model has put it on the trail."""


class SeenDesk(Desk):
    """A desk to look at: its rows are moved by flows, never typed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False
