"""django-otp's own pages are taken away: they list secrets, and give one person's codes to another."""

from django.contrib import admin
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

admin.site.unregister([StaticDevice, TOTPDevice])
