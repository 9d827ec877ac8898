"""Between the password and the house: a session of staff that still owes its second factor is nobody's.

So no door needs to know of it: each treats whoever has given the password alone like a stranger, and those of staff send
strangers to the login page, from where this one is led on to the page that asks for the code.
"""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from voice import devices


class SecondFactor:
    """The middleware. Asks nothing for doors that do not ask who it is; one row for staff."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request):
        signed_in = request.signed_in = request.user  # whose password was given: for the pages that ask for the rest
        request.user = SimpleLazyObject(lambda: _proven(request, signed_in))
        if request.method == "GET" and request.path == reverse("admin:login") and _is_halfway(request):
            return HttpResponseRedirect(_onwards(request))
        return self._get_response(request)


def _proven(request, signed_in):
    """Not the lazy one itself: nothing lazy lies in something lazy."""
    if not signed_in.is_authenticated or devices.is_owed(request.session, signed_in):
        return AnonymousUser()
    return getattr(signed_in, "_wrapped", signed_in)


def _is_halfway(request):
    return request.signed_in.is_authenticated and not request.user.is_authenticated


def _onwards(request):
    page = reverse("voice:second_factor_code" if devices.of(request.signed_in) else "voice:second_factor")
    wanted = request.GET.get("next", "")
    return f"{page}?{urlencode({'next': wanted})}" if wanted else page
