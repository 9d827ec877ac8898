"""The staff entrance: how often somebody may try a password, by the name tried and by where they try from.

A name is tried ten times from one address, then waits there and not elsewhere: whoever knows a name must not keep its owner
out. From everywhere together it has LOGIN_TRIES_PER_HOUR, against those who guess from many addresses at once.

Every try counts, the good ones too: counted before the password is looked at, so that a hundred at once gain nothing. A name
that nobody has is counted and refused as any other. While Redis is down this process counts alone: staff who mend it must
get in, and whoever guesses gains as many times the tries as there are processes, never all of them.
"""

import time
from math import ceil

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError

from knowledge import counting
from voice import origins

NAME, CODE = "login name", "code"  # counted apart: no name that can be typed is somebody's code
MINUTES = 15
TRIES_OF_A_NAME = 10  # from one address
TRIES_OF_A_CODE = 10  # from everywhere: whoever tries one has the password
TRIES_OF_AN_ADDRESS = 100  # an office of 200 behind one address signs in within a quarter of an hour


class LoginForm(AdminAuthenticationForm):
    """Django's, behind the limits. A refusal says the same whether or not there is such a name, or it was the right
    password."""

    def clean(self):
        seconds = seconds_to_wait(self.request, NAME, self.cleaned_data.get("username", ""))
        if seconds:
            minutes = ceil(seconds / 60)
            said = ngettext(
                "Too many tries. Wait {minutes} minute, then try again.",
                "Too many tries. Wait {minutes} minutes, then try again.",
                minutes,
            )
            raise ValidationError(said.format(minutes=minutes), code="too_many")
        return super().clean()


def seconds_to_wait(request, group, name):
    """Counts a try of NAME or CODE. Gives the seconds until the next may be made, 0 when this one may."""
    limits = list(_limits(request, group, _masked(name)))
    try:
        return next((wait for limit in limits if (wait := _count(request, *limit))), 0)
    except RedisError:
        kept = [(f"{place} {who}", most, seconds) for place, who, most, seconds in limits]
        return counting.here.count(kept, time.time())[1]


def _limits(request, group, who):
    """(group, who, most, seconds), the narrow ones first: what one refuses is not counted by the next, so that a single
    address does not use up what a name has everywhere."""
    where = origins.network(request)
    if group == NAME:
        yield "login name from", who + _masked(where), TRIES_OF_A_NAME, MINUTES * 60
    else:
        yield group, who, TRIES_OF_A_CODE, MINUTES * 60
    if where:
        yield "login address", _masked(where), TRIES_OF_AN_ADDRESS, MINUTES * 60
    if group == NAME and settings.LOGIN_TRIES_PER_HOUR > 0:
        yield group, who, settings.LOGIN_TRIES_PER_HOUR, 3600


def _count(request, group, who, most, seconds):
    usage = get_usage(request, group=group, key=lambda *_: who, rate=f"{most}/{seconds}s", increment=True)
    return max(1, usage["time_left"]) if usage["should_limit"] else 0


def _masked(text):
    """Not as it was typed: a password in the wrong field must not lie in Redis."""
    return salted_hmac("who tries to come in", text.strip().casefold(), algorithm="sha256").hexdigest()[:32]
