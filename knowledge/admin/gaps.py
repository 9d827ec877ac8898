"""Unanswered questions: from being asked in vain to being answered, or set aside."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from knowledge import gaps, ingestion, tasks
from knowledge.admin import pages
from knowledge.evidence import QUESTION_MARKS
from knowledge.forms import DismissForm, FillForm
from knowledge.models import Gap
from knowledge.reading import UnreadableDocument
from personas import remits
from personas.admin import Nameless, Narrowed, badge

BADGES = {Gap.Status.OPEN: "busy", Gap.Status.CLOSED: "good", Gap.Status.DISMISSED: "quiet"}
ASKED_SHOWN = 50
ASKED_AT_ONCE = 100  # gaps, a page of the list: seconds that somebody can wait for


class StatusFilter(admin.SimpleListFilter):
    """The open ones, unless others are asked for."""

    title, parameter_name = "status", "status"

    def lookups(self, request, model_admin):
        return [*Gap.Status.choices, ("all", gettext("All"))]

    def choices(self, changelist):
        chosen = self.value() or Gap.Status.OPEN
        for value, label in self.lookup_choices:
            address = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": chosen == value, "query_string": address, "display": label}

    def queryset(self, request, queryset):
        chosen = self.value() or Gap.Status.OPEN
        return queryset if chosen == "all" else queryset.filter(status=chosen)


@admin.register(Gap)
class GapAdmin(Nameless, Narrowed, admin.ModelAdmin):
    """What visitors ask and the documents do not hold."""

    change_list_template = "admin/knowledge/gap_change_list.html"
    list_display = ["question", "persona", "count", "asked_between", "status_badge", "outcome"]
    list_filter = [StatusFilter, "persona"]
    list_select_related = ["persona", "document", "settled_by"]
    search_fields = ["question", "questions__question"]
    actions = ["ask_again"]
    ordering = []

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/knowledge.css"]}

    def has_add_permission(self, request):
        return False

    def get_queryset(self, request):
        return remits.narrow(Gap.objects.counted(), request.user).order_by("-count", "-last_at")

    def get_search_results(self, request, queryset, search_term):
        """Found apart from the counting: the rows that a search joins would be counted, too."""
        if not search_term:
            return queryset, False
        found, _ = super().get_search_results(request, Gap.objects.all(), search_term)
        return queryset.filter(pk__in=found.order_by().values("pk")), False

    def changelist_view(self, request, extra_context=None):
        gaps.gather()
        return super().changelist_view(request, {"title": gettext("Unanswered questions"), **(extra_context or {})})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """One gap: who asked it how, what comes back now, and what can be done."""
        gap = self._find(request, object_id, "view")
        gaps.gather(gap.persona)
        context = pages.context(self, request, gap.persona, gap.question) | {
            "gap": gap,
            "badge": self.status_badge(gap),
            "asked": gap.questions.all()[:ASKED_SHOWN],
            "answers": gaps.try_again(gap),
            "form": DismissForm(),
            "may_change": self.has_change_permission(request, gap),
        }
        return render(request, "admin/knowledge/gap.html", context)

    def get_urls(self):
        own = [
            path("<path:object_id>/ask/", self._do(self.ask), name="knowledge_gap_ask"),
            path("<path:object_id>/dismiss/", self._do(self.dismiss), name="knowledge_gap_dismiss"),
            path("<path:object_id>/reopen/", self._do(self.reopen), name="knowledge_gap_reopen"),
            path("<path:object_id>/fill/", self.admin_site.admin_view(self.fill), name="knowledge_gap_fill"),
        ]
        return own + super().get_urls()

    def ask(self, request, gap):
        again = gaps.ask_again(gap, request.user)
        found = sum(answer.found for _, answer in again.answers)
        if again.closed:
            messages.success(
                request, gettext("Answered now, from “{document}”. It is closed.").format(document=gap.document)
            )
        else:
            messages.info(request, f"{found} of {len(again.answers)} wordings are answered. It stays open.")

    def dismiss(self, request, gap):
        try:
            gaps.dismiss(gap, request.user, request.POST.get("reason", ""))
        except gaps.NoReason as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, gap, gettext("Dismissed: {reason}").format(reason=gap.reason))
            messages.success(request, gettext("Dismissed. It stays aside when it is asked again."))

    def reopen(self, request, gap):
        gaps.reopen(gap)
        self.log_change(request, gap, gettext("Opened again."))
        messages.success(request, gettext("Open again."))

    def fill(self, request, object_id):
        """Write the answer as a document of the persona."""
        gap = self._find(request, object_id, "view")
        if not request.user.has_perm("knowledge.add_document"):
            raise PermissionDenied
        heading = _as_heading(gap.question)
        form = FillForm(request.POST or None, initial={"title": heading[:200], "text": f"{heading}\n\n"})
        if request.method == "POST" and form.is_valid() and self._take_in(request, gap, form):
            return redirect("admin:knowledge_gap_change", gap.pk)
        context = pages.context(self, request, gap.persona, gettext("Add to knowledge")) | {"form": form, "gap": gap}
        return render(request, "admin/knowledge/gap_fill.html", context)

    def _take_in(self, request, gap, form):
        try:
            document = ingestion.receive(gap.persona, form.cleaned_data["title"], text=form.cleaned_data["text"])
        except (UnreadableDocument, ingestion.AlreadyKnown) as refusal:
            form.add_error("text", str(refusal))
            return False
        self.log_change(request, gap, gettext("Added document {number} to the knowledge.").format(number=document.pk))
        tasks.start_reading(document.pk)
        messages.success(
            request, gettext("It is being read. Then this question is asked again, and closed when it is answered. Reload in a few seconds.")
        )  # fmt: skip
        return True

    @admin.display(description=gettext_lazy("Asked"), ordering="count")
    def count(self, gap):
        return gap.count

    @admin.display(description=gettext_lazy("From – to"), ordering="last_at")
    def asked_between(self, gap):
        days = dict.fromkeys(date_format(at, "SHORT_DATE_FORMAT") for at in (gap.first_at, gap.last_at) if at)
        return " – ".join(days) or "–"

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def status_badge(self, gap):
        return badge(BADGES[gap.status], gap.get_status_display())

    @admin.display(description=gettext_lazy("Outcome"))
    def outcome(self, gap):
        if gap.document:
            address = reverse("admin:knowledge_document_change", args=[gap.document_id])
            return format_html('<a href="{}">{}</a>', address, gap.document)
        return gap.reason or "–"

    @admin.action(description=gettext_lazy("Ask again, and close those that are answered now"), permissions=["change"])
    def ask_again(self, request, queryset):
        count, chosen = queryset.count(), list(queryset.select_related("persona")[:ASKED_AT_ONCE])
        closed = sum(gaps.ask_again(gap, request.user).closed for gap in chosen)
        others = (
            gettext(" Only the first {count} of {all} were asked.").format(count=len(chosen), all=count)
            if count > len(chosen)
            else ""
        )
        said = gettext("{closed} of {count} answered now.{others}").format(
            closed=closed, count=len(chosen), others=others
        )
        self.message_user(request, said, messages.SUCCESS if closed else messages.INFO)

    def _find(self, request, object_id, what):
        gap = self.get_object(request, object_id)
        if gap is None:
            raise Http404(gettext("There is no such question."))
        if not getattr(self, f"has_{what}_permission")(request, gap):
            raise PermissionDenied
        return gap

    def _do(self, verb):
        """An action on one gap, by POST, for who may change it."""

        def view(request, object_id):
            gap = self._find(request, object_id, "change")
            verb(request, gap)
            return redirect("admin:knowledge_gap_change", gap.pk)

        return self.admin_site.admin_view(require_POST(view))


def _as_heading(question):
    """The question as one would write it over its answer; with its mark, by which what follows is known as the answer."""
    marked = question if question.endswith(QUESTION_MARKS) else f"{question.rstrip(' .!')}?"
    return marked[:1].upper() + marked[1:]
