"""A second factor for staff: a code from an app on their phone (TOTP, RFC 6238), or one of ten recovery codes.

One device a person. A code is taken once, also by two requests at the same time; after a wrong one each further try waits
twice as long, up to 17 minutes (django-otp keeps both with the device's row). Recovery codes are kept so that they can be compared and not
read; the app's secret has to be readable, by this server alone.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

OFF, OPTIONAL, REQUIRED = MODES = ("off", "optional", "required")
RECOVERY_CODES = 10
# More wrong codes wait no longer than so many, 2**10 s or 17 minutes: who has the password would lock the owner out for days.
WRONG_THAT_COUNT = 11
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are read for one another; ten of them are 49 bits
KEY = "second_factor"  # in a session: the device that it was opened with


class TooSoon(Exception):
    """Too many wrong codes: the next is looked at in so many ``seconds``."""

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's second factor: since when, last used (or None), and how many recovery codes are left."""

    since: datetime
    used_at: datetime | None
    codes_left: int


def is_offered():
    """Whether staff can have one at all."""
    return settings.ADMIN_TOTP != OFF


def is_required():
    return settings.ADMIN_TOTP == REQUIRED


def of(user):
    """The person's device, or None."""
    return TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).first()


def standing(user):
    """The person's Standing, or None."""
    device = of(user)
    if device is None:
        return None
    recovery = StaticDevice.objects.filter(user_id=user.pk).first()
    used = [one.last_used_at for one in (device, recovery) if one and one.last_used_at]
    return Standing(device.created_at, max(used, default=None), recovery.token_set.count() if recovery else 0)


def is_owed(session, user):
    """Whether a code has to be asked for, or a device made, before this session is that person's."""
    if not is_offered() or not (user.is_authenticated and user.is_staff):
        return False
    device = of(user)
    return is_required() if device is None else session.get(KEY) != device.pk


def make_secret():
    """What an app and this server will share, in hexadecimal."""
    return random_hex(20)


def address(user, secret):
    """The otpauth:// address of a secret, for an app to read."""
    return TOTPDevice(user=user, key=secret).config_url


def begin(user, secret, code):
    """Give a person a second factor. Gives their recovery codes, to be shown once; None when the code is not the app's
    for that secret, or they have a device already."""
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if of(user) is not None:
            return None
        device = TOTPDevice.objects.create(user_id=user.pk, name="app", key=secret)
        if not device.verify_token(_digits(code)):
            transaction.set_rollback(True)
            return None
        return _make_recovery_codes(user)


def renew(user):
    """New recovery codes in place of those that are left."""
    with transaction.atomic():
        return _make_recovery_codes(user)


def _make_recovery_codes(user):
    StaticDevice.objects.filter(user_id=user.pk).delete()
    device = StaticDevice.objects.create(user_id=user.pk, name="recovery")
    codes = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        device.token_set.create(token=_masked(user, code))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def verify(user, code):
    """Whether the code is one of this person's, which it then is no more. Raises TooSoon."""
    device, token = of(user), _digits(code)
    if device is not None and not token:
        device = StaticDevice.objects.filter(user_id=user.pk).first()
        token = _masked(user, "".join(code.lower().split()).replace("-", ""))
    if device is None:
        return False
    _forget_beyond(device, WRONG_THAT_COUNT)
    allowed, why_not = device.verify_is_allowed()
    if not allowed:
        raise TooSoon(max(1, ceil((why_not["locked_until"] - timezone.now()).total_seconds())))
    return verify_token(user, device.persistent_id, token) is not None


def _forget_beyond(device, most):
    """More wrong codes than ``most`` count as so many. Elsewhere a right one may set the row to none in the meantime."""
    many = type(device).objects.filter(pk=device.pk, throttling_failure_count__gt=most)
    if device.throttling_failure_count > most and many.update(throttling_failure_count=most):
        device.throttling_failure_count = most


def note(session, user):
    """This session was opened with the person's second factor."""
    session.cycle_key()
    session[KEY] = of(user).pk


def remove(user):
    """Take a person's second factor and recovery codes away. Gives whether there were any."""
    with transaction.atomic():
        gone, _ = TOTPDevice.objects.filter(user_id=user.pk).delete()
        StaticDevice.objects.filter(user_id=user.pk).delete()
    return bool(gone)


def _digits(code):
    """An app's code without its spaces; "" for what is none."""
    code = "".join(code.split())
    return code if len(code) == 6 and code.isascii() and code.isdigit() else ""


def _masked(user, code):
    """As many characters as django-otp's column holds: 64 bits, more than a code has."""
    return salted_hmac("recovery code", f"{user.pk} {code}", algorithm="sha256").hexdigest()[:16]
