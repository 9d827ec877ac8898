from django.apps import AppConfig, apps


class VoiceConfig(AppConfig):
    name = "voice"
    verbose_name = "Voice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from django.conf import settings

        from voice import checks, labour, receivers, witness  # noqa: F401  (registered by being imported)
        from voice.words import catalogue, names

        if settings.OTEL_EXPORTER_OTLP_ENDPOINT and checks.can_trace():
            from voice import tracing

            tracing.begin()
        if settings.SENTRY_DSN and checks.is_there("sentry_sdk"):
            from voice import sentry

            sentry.begin()
        catalogue.compile(settings.LOCALE_PATHS[0])
        names.translate(
            model for room in ("personas", "knowledge", "voice") for model in apps.get_app_config(room).get_models()
        )
