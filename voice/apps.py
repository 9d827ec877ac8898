from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "voice"
    verbose_name = "Voice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from django.conf import settings

        from voice import checks, receivers  # noqa: F401  (registered by being imported)
        from voice.words import catalogue

        catalogue.compile(settings.LOCALE_PATHS[0])
