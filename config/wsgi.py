"""The web's entry. Chunked bodies, which Django reads as empty under WSGI, are given their length first."""

import os

from django.core.wsgi import get_wsgi_application

from voice.bodies import with_length
from voice.warming import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = with_length(get_wsgi_application())
warm()
