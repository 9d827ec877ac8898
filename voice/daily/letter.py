"""The daily report as an e-mail: the same figures as plain text and as HTML, the plots within the HTML."""

from email.mime.image import MIMEImage
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from voice.daily import drawing, telling


def write(day, to):
    """The message, not sent yet: in the site's language, to these addresses."""
    with translation.override(settings.LANGUAGE_CODE):
        report = telling.read(day)
        message = EmailMultiAlternatives(f"[Clone Advisor] {report.title}", _plain(report), None, to)
        message.attach_alternative(_html(report), "text/html")
        message.mixed_subtype = "related"
        for plot in report.plots:
            message.attach(_inline(plot))
    return message


def address(day):
    """The dashboard of that day."""
    query = urlencode({"first": day, "last": day})
    return f"{settings.PUBLIC_URL}{reverse('voice:figures')}?{query}"


def _plain(report):
    width = max(len(figure.name) for figure in report.figures)
    lines = [report.title, _beside(), ""]
    for figure in report.figures:
        change = f", {figure.change}" if figure.change else ""
        lines.append(f"{figure.name:<{width}}  {figure.value}  ({figure.usual}{change})")
    lines += ["", *(plot.words for plot in report.plots)]
    if report.plan:
        lines += ["", report.plan]
    if settings.VOICE_REPORT_QUESTIONS and report.unanswered:
        lines += [
            "",
            f"{_('Asked in vain most often')}:",
            *(f"- {words} ({times})" for words, times in report.unanswered),
        ]
    return "\n".join([*lines, "", f"{_('All figures')}: {address(report.day)}", ""])


def _html(report):
    context = {
        "report": report,
        "beside": _beside(),
        "address": address(report.day),
        "questions": report.unanswered if settings.VOICE_REPORT_QUESTIONS else [],
        "width": drawing.WIDTH,
        "height": drawing.HEIGHT,
    }
    return render_to_string("voice/mail/daily.html", context)


def _beside():
    return _(
        "What visitors did; the day in UTC. In brackets a day of the seven before, and by how much this one differs."
    )


def _inline(plot):
    """The plot as the HTML names it: cid:…; https://www.rfc-editor.org/rfc/rfc2392."""
    image = MIMEImage(drawing.bars(plot.labels, plot.values), "png")
    image.add_header("Content-ID", f"<{plot.key}>")
    image.add_header("Content-Disposition", "inline", filename=f"{plot.key}.png")
    return image
