"""The pages of staff's second factor: set up, asked for, taken away."""

import base64

import segno
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model, logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from voice import audit, devices, entrance
from voice.models import Deed

What = Deed.What
SECRET = "second_factor_secret"  # noqa: S105  in the session, until the first code shows that an app has it


class CodeForm(forms.Form):
    """One code, of the app or for recovery."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def says_no(self, seconds=0):
        """The same for every wrong code; and how long to wait, after several."""
        said = gettext("This code did not work. Codes work once and for half a minute: take the next one.")
        if seconds:
            said = ngettext(
                "Too many tries. Wait {seconds} second, then take a new code.",
                "Too many tries. Wait {seconds} seconds, then take a new code.",
                seconds,
            ).format(seconds=seconds)
        self.add_error("code", said)

    def proves(self, request, user):
        """Whether the code was taken; when not, the form says why."""
        if not self.is_valid():
            return False
        try:
            taken = not self._is_late(request, user) and devices.verify(user, self.cleaned_data["code"])
        except devices.TooSoon as early:
            self.says_no(early.seconds)
            return False
        if not taken and not self.errors:
            audit.write(What.CODE_REFUSED, outcome=Deed.Outcome.REFUSED)
            self.says_no()
        return taken

    def _is_late(self, request, user):
        """By the limits of the entrance, which count by address, too."""
        seconds = entrance.seconds_to_wait(request, entrance.CODE, str(user.pk))
        if seconds:
            self.says_no(seconds)
        return bool(seconds)


def for_staff(view):
    """Whose password was given; ``view(request, user)``. Nobody's pages while the setting is off."""

    @never_cache
    @sensitive_post_parameters("code")
    @require_http_methods(["GET", "POST"])
    def door(request):
        if not devices.is_offered():
            raise Http404(gettext("There is nothing at this address."))
        user = request.signed_in
        if not (user.is_authenticated and user.is_active and user.is_staff):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return view(request, user)

    return door


@for_staff
def code(request, user):
    """Asks for a code, after the password."""
    if not devices.is_owed(request.session, user):
        return HttpResponseRedirect(_wanted(request))
    if devices.of(user) is None:
        return redirect("voice:second_factor")
    if "leave" in request.POST:
        logout(request)
        return redirect("admin:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.proves(request, user):
        devices.note(request.session, user)
        audit.write(What.CODE_TAKEN)
        return HttpResponseRedirect(_wanted(request))
    return _page(request, "code", gettext("One more code"), form=form, wanted=_wanted(request))


@for_staff
def second_factor(request, user):
    """Sets it up, or says how it stands."""
    if devices.of(user) is None:
        return _set_up(request, user)
    if devices.is_owed(request.session, user):
        return redirect("voice:second_factor_code")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.proves(request, user):
        return _renew(request, user) if "renew" in request.POST else _remove(request, user)
    context = {"form": form, "standing": devices.standing(user), "required": devices.is_required()}
    return _page(request, "standing", gettext("Second factor"), **context)


def _set_up(request, user):
    secret = request.session.setdefault(SECRET, devices.make_secret())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = devices.begin(user, secret, form.cleaned_data["code"])
        if codes:
            del request.session[SECRET]
            devices.note(request.session, user)
            audit.write(What.FACTOR_SET_UP)
            return _show(request, codes)
        form.says_no()
    address = devices.address(user, secret)
    context = {
        "form": form,
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="white"),
        "secret": base64.b32encode(bytes.fromhex(secret)).decode(),
        "required": devices.is_required(),
        "wanted": _wanted(request),
    }
    return _page(request, "setup", gettext("Set up a second factor"), **context)


def _renew(request, user):
    codes = devices.renew(user)
    audit.write(What.RECOVERY_RENEWED)
    return _show(request, codes)


def _remove(request, user):
    devices.remove(user)
    audit.write(What.FACTOR_REMOVED)
    messages.success(request, gettext("The second factor is removed."))
    return redirect("voice:second_factor")


def _show(request, codes):
    """In the answer itself and nowhere else: they are shown this once."""
    return _page(request, "recovery", gettext("Your recovery codes"), codes=codes, wanted=_wanted(request))


@for_staff
def people_with_factor(request, user):
    """Who of staff has one; for superusers, who take it away from somebody whose phone is lost."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not user.is_superuser:
        raise PermissionDenied
    if request.method == "POST":
        return _reset(request, user)
    staff = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("username")
    rows = [(person, devices.standing(person)) for person in staff]
    return _page(request, "people", gettext("Second factors of staff"), rows=rows)


def _reset(request, user):
    """Nobody's own: an unwatched session would be rid of it without a code."""
    person = get_object_or_404(get_user_model(), pk=request.POST.get("person"), is_staff=True)
    if person == user:
        audit.write(What.FACTOR_RESET, about=person.get_username(), outcome=Deed.Outcome.REFUSED)
        messages.error(request, gettext("Your own second factor is removed with a code: do it here."))
        return redirect("voice:second_factor")
    if "sure" not in request.POST:
        return _page(request, "people", gettext("Second factors of staff"), asked=person)
    if devices.remove(person):
        audit.write(What.FACTOR_RESET, about=person.get_username())
    messages.success(request, gettext("{name} now signs in by password alone.").format(name=person.get_username()))
    return redirect("voice:second_factor_people")


def _wanted(request):
    """Where they were on their way to, in this house."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse("admin:index")


def _page(request, name, title, **context):
    frame = {**admin.site.each_context(request), "title": title}
    return render(request, f"admin/voice/second_factor_{name}.html", frame | context)
