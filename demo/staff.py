"""The first staff login: made once, its password kept in DATA_DIR/staff-login."""

import os
import secrets

import django
from django.conf import settings
from django.contrib.auth import get_user_model

NAME = "staff"


def provide(file):
    """Make the login unless somebody of that name is there already; their password is theirs."""
    people = get_user_model().objects
    staff = people.filter(username=NAME).first()
    if staff is None:
        password = secrets.token_urlsafe(12)
        people.create_superuser(NAME, password=password)
        write(file, password)
    elif file.is_file() and not staff.check_password(file.read_text().strip()):
        file.unlink()


def write(file, password):
    """Readable by nobody else."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(password + "\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    provide(settings.DATA_DIR / "staff-login")
