"""What is said when there is nothing, when something broke, and when somebody may not."""

from django.conf import settings
from django.shortcuts import render
from django.utils.translation import gettext as _

from voice.refusals import page_refusal


def not_found(request, exception=None):
    return _sorry(request, _("There is nothing at this address."), 404)


def failed(request):
    return _sorry(request, _("Something went wrong on our side. It has been noted; please try again."), 500)


def forbidden(request, exception=None, reason=""):
    return _sorry(
        request, _("This page was open for too long, or the request came from elsewhere. Reload it and try again."), 403
    )


def away(request):
    """Said without the database."""
    return _sorry(
        request, _("The database does not answer. Nothing was lost; please try again in a minute."), 503, "500.html"
    )


def busy(request, message, retry_after, back):
    """What was asked for cannot be had just now; ``back``: the address of the page that asked."""
    if "json" in request.headers.get("Accept", ""):
        return page_refusal("busy", message, 503, retry_after)
    response = render(request, "503.html", {"message": message, "back": back}, status=503)
    response["Retry-After"] = str(retry_after)
    return response


def _sorry(request, message, status, template=""):
    wants_json = request.path.startswith(("/elevenlabs/", "/readyz")) or "json" in request.headers.get("Accept", "")
    if wants_json:
        return page_refusal({403: "forbidden", 404: "not_found"}.get(status, "failed"), message, status)
    return render(
        request, template or f"{status}.html", {"message": message, "site": settings.PUBLIC_URL}, status=status
    )
