"""manage.py reset_second_factor NAME: for somebody of staff whose phone and recovery codes are lost."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from voice import audit, devices
from voice.models import Deed


class Command(BaseCommand):
    help = "Take a person's second factor away, so that the password alone lets them in and they can set up a new one."

    def add_arguments(self, parser):
        parser.add_argument("name", help="the name they sign in with")

    def handle(self, *, name, **_):
        person = get_user_model().objects.filter(username=name).first()
        if person is None:
            raise CommandError(f"There is nobody called {name}.")
        if not devices.remove(person):
            raise CommandError(f"{name} has no second factor.")
        audit.write(Deed.What.FACTOR_RESET, about=name)
        self.stdout.write(f"{name} now signs in by password alone. Have them set up a new second factor at once.")
