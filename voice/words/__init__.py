"""What the site says, in every language it can say it in.

Code and templates hold the English sentences; ``locale/<language>/LC_MESSAGES/django.po`` holds the others and is
committed. Django reads the compiled form, which is made from it at start wherever it is missing or old, without the
programs of GNU gettext. ``python -m voice.words`` gathers new sentences and says which lack a translation.
"""
