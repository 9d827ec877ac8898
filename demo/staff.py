"""The first staff login: made once, its password kept in DATA_DIR/staff-login until somebody changes it."""

import os
import secrets
import sys

import django
from django.conf import settings
from django.contrib.auth import get_user_model

NAME = "staff"


def provide(file):
    """Make the login unless there is one; keep the file only while its password is the right one."""
    people = get_user_model().objects
    staff = people.filter(username=NAME).first()
    if staff is None:
        password = file.read_text().strip() if file.is_file() else secrets.token_urlsafe(12)
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
    sys.exit(provide(settings.DATA_DIR / "staff-login"))
