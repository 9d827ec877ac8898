"""Flags for staff: what waits for a decision, both places in their context, and the decision as a button."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from knowledge.admin import pages
from knowledge.flags import flagging
from knowledge.models import Flag
from personas.admin import Narrowed, badge

CONTEXT = 300  # characters shown around a quote
BADGES = {Flag.Status.OPEN: "busy", Flag.Status.UPHELD: "bad", Flag.Status.DISMISSED: "quiet"}
SAID = {
    Flag.Status.OPEN: gettext_lazy("It waits for a decision again."),
    Flag.Status.UPHELD: gettext_lazy("Decided. From now on the persona answers accordingly."),
    Flag.Status.DISMISSED: gettext_lazy("Dismissed. It will not be flagged again."),
}


@admin.register(Flag)
class FlagAdmin(Narrowed, admin.ModelAdmin):
    """What about a document a person should look at."""

    change_list_template = "admin/knowledge/flag_change_list.html"
    list_display = ["what", "state", "kind", "document", "persona", "sure", "created_at"]
    list_filter = ["status", "kind", "persona"]
    list_select_related = ["persona", "document"]
    search_fields = ["quote", "other_quote", "document__title"]
    list_per_page = 50

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/knowledge.css", "admin/flags.css"]}

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("document__text", "document__pasted_text", "document__page_starts")

    @admin.display(description=gettext_lazy("Words"), ordering="quote")
    def what(self, flag):
        return flag.quote if len(flag.quote) < 120 else f"{flag.quote[:118]}…"

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def state(self, flag):
        return badge(BADGES[flag.status], flag.get_status_display())

    @admin.display(description=gettext_lazy("Sure"), ordering="score")
    def sure(self, flag):
        return f"{flag.score:.0%}"

    def get_urls(self):
        decide = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<path:object_id>/decide/", decide, name="knowledge_flag_decide"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Both places in their context, why they were flagged, and what can be decided."""
        flag = self._find(request, object_id)
        if not self.has_view_permission(request, flag):
            raise PermissionDenied
        context = pages.context(self, request, flag.persona, flag.get_kind_display()) | {
            "flag": flag,
            "badge": badge(BADGES[flag.status], flag.get_status_display()),
            "places": _places(flag),
            "may_decide": self.has_change_permission(request, flag),
            "opts": Flag._meta,
        }
        return render(request, "admin/knowledge/flag.html", context)

    def decide(self, request, object_id):
        """Carry out the decision of a button, and log it."""
        flag = self._find(request, object_id)
        if not self.has_change_permission(request, flag):
            raise PermissionDenied
        try:
            flagging.decide(flag, request.POST.get("decision", ""), request.user)
        except flagging.Impossible as problem:
            messages.error(request, str(problem))
        else:
            decided = flag.get_remedy_display() if flag.remedy else flag.get_status_display()
            self.log_change(request, flag, gettext("Decided: {decided}.").format(decided=decided))
            messages.success(request, SAID[flag.status])
        return redirect("admin:knowledge_flag_change", flag.pk)

    def _find(self, request, object_id):
        flag = self.get_object(request, object_id)
        if flag is None:
            raise Http404(gettext("There is no such flag."))
        return flag


def open_of_personas():
    """How many flags of a persona, the row around this query, wait for a decision: an expression for it."""
    rows = Flag.objects.open().filter(persona=OuterRef("pk")).order_by().values("persona")
    return Coalesce(Subquery(rows.values(count=Count("*"))), 0)


def link(persona, count):
    """The count as a link to a persona's open flags."""
    address = f"{reverse('admin:knowledge_flag_changelist')}?persona__id__exact={persona.pk}&status__exact=open"
    return (
        format_html('<a href="{}">{}</a>', address, badge("bad", gettext("{count} open").format(count=count)))
        if count
        else "–"
    )


def of_document(document):
    """What a document's own page says of its flags: those of its own and of others against it."""
    own = Flag.objects.filter(document=document) | Flag.objects.filter(other=document)
    return {
        "flags": [(flag, badge(BADGES[flag.status], flag.get_status_display())) for flag in own[:50]],
        "superseded_by": document.superseded_by,
    }


def _places(flag):
    """The one or two places with what stands around their quotes."""
    found = [_place(flag.document, flag.quote, flag.start, flag.end, flag.page, [mine for mine, _ in flag.differing])]
    if flag.other is not None:
        theirs = [value for _, value in flag.differing]
        found.append(_place(flag.other, flag.other_quote, flag.other_start, flag.other_end, flag.other_page, theirs))
    return found


def _place(document, quote, start, end, page, values):
    text = document.text
    stands = start is not None and text[start:end] == quote
    return {
        "document": document,
        "page": page,
        "before": text[max(0, start - CONTEXT) : start] if stands else "",
        "more_before": stands and start > CONTEXT,
        "pieces": _highlight(quote, values),
        "after": text[end : end + CONTEXT] if stands else "",
        "more_after": stands and end + CONTEXT < len(text),
        "left_out": start is None,
    }


def _highlight(quote, values):
    """The quote in pieces, [(text, whether it differs), …]."""
    spans, lower = [], quote.lower()
    for value in values:
        begin = lower.find(value.lower(), spans[-1][1] if spans else 0)
        if value and begin >= 0:
            spans.append((begin, begin + len(value)))
    pieces, last = [], 0
    for begin, end in spans:
        pieces += [(quote[last:begin], False), (quote[begin:end], True)]
        last = end
    return [piece for piece in [*pieces, (quote[last:], False)] if piece[0]]
