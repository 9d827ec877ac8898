"""Every setting, read once, in the order of .env.example."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ

from config import logs, policies, schedule

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- Django ---------------------------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
CLIENT_ADDRESS_HEADER = env.str("CLIENT_ADDRESS_HEADER", default="X-Forwarded-For")
PROXIES = env.int("PROXIES", default=1)
VISITORS_PER_ADDRESS = env.int("VISITORS_PER_ADDRESS", default=30)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LOGIN_TRIES_PER_HOUR = env.int("LOGIN_TRIES_PER_HOUR", default=100)
ADMIN_TOTP = env.str("ADMIN_TOTP", default="optional")
AUDIT_DAYS = env.int("AUDIT_DAYS", default=365)

# --- Stores ---------------------------------------------------------------------------------------------------------
DATA_DIR = BASE_DIR / env.str("DATA_DIR", default="var")
DATABASES = {
    "default": env.db_url_config(env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
}
REDIS_URL = env.str("REDIS_URL", default="") or "redis://127.0.0.1:8379/0"
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", default="")
S3_REGION = env.str("S3_REGION", default="")
S3_ACCESS_KEY_ID = env.str("S3_ACCESS_KEY_ID", default="")
S3_SECRET_ACCESS_KEY = env.str("S3_SECRET_ACCESS_KEY", default="")

# --- ElevenLabs -----------------------------------------------------------------------------------------------------
ELEVENLABS_API_KEY = env.str("ELEVENLABS_API_KEY", default="")
ELEVENLABS_URL = (
    env.str("ELEVENLABS_URL", default="")
    or ("https://api.elevenlabs.io" if ELEVENLABS_API_KEY else "http://127.0.0.1:8900")
).rstrip("/")
SERVICE_TOKENS = env.list("SERVICE_TOKENS", default=[])
ELEVENLABS_WEBHOOK_SECRETS = env.list("ELEVENLABS_WEBHOOK_SECRETS", default=[])
ELEVENLABS_LLM = env.str("ELEVENLABS_LLM", default="gemini-2.5-flash")
ELEVENLABS_RETENTION_DAYS = env.int("ELEVENLABS_RETENTION_DAYS", default=90)
CREDIT_PRICE = float(env.str("CREDIT_PRICE", default="") or 0)
CREDIT_CURRENCY = env.str("CREDIT_CURRENCY", default="USD")
RECONCILE_MINUTES = env.int("RECONCILE_MINUTES", default=5)
DRIFT_CHECK_MINUTES = env.int("DRIFT_CHECK_MINUTES", default=30)
ELEVENLABS_TIMEOUT_SECONDS = 8  # of any request, from beginning to end
ELEVENLABS_START_SECONDS = 3  # of the one a visitor waits for before a call
ELEVENLABS_MAX_UNDER_WAY = 4  # requests at the same time, of all workers together

# --- Voice ----------------------------------------------------------------------------------------------------------
ENABLE_VOICE_CHAT = env.bool("ENABLE_VOICE_CHAT", default=True)
VOICE_CHAT_BETA_USERS = env.list("VOICE_CHAT_BETA_USERS", default=[])
OBJECTIVE_FAILED_CALLS_PERCENT = env.float("OBJECTIVE_FAILED_CALLS_PERCENT", default=1.0)
OBJECTIVE_P95_MS = env.int("OBJECTIVE_P95_MS", default=1000)
OBJECTIVE_FAILED_STARTS_PERCENT = env.float("OBJECTIVE_FAILED_STARTS_PERCENT", default=5.0)
OBJECTIVE_LEAST_CASES = env.int("OBJECTIVE_LEAST_CASES", default=30)
VOICE_MAX_SESSIONS = env.int("VOICE_MAX_SESSIONS", default=30)
VOICE_TURN_SECONDS = env.int("VOICE_TURN_SECONDS", default=30)
VOICE_MAX_SECONDS = env.int("VOICE_MAX_SECONDS", default=600)
VOICE_MINUTES_PERSON_DAY = env.int("VOICE_MINUTES_PERSON_DAY", default=0)
VOICE_MINUTES_PERSON_MONTH = env.int("VOICE_MINUTES_PERSON_MONTH", default=0)
VOICE_MINUTES_GROUP_DAY = env.int("VOICE_MINUTES_GROUP_DAY", default=0)
VOICE_MINUTES_GROUP_MONTH = env.int("VOICE_MINUTES_GROUP_MONTH", default=0)
VOICE_MINUTES_PERSONA_DAY = env.int("VOICE_MINUTES_PERSONA_DAY", default=0)
VOICE_MINUTES_PERSONA_MONTH = env.int("VOICE_MINUTES_PERSONA_MONTH", default=0)
VOICE_IDLE_SECONDS = env.int("VOICE_IDLE_SECONDS", default=60)
# A signed address opens within 15 minutes, then the call may last its full length.
VOICE_SESSION_MAX_AGE = timedelta(minutes=15, seconds=VOICE_MAX_SECONDS)

# --- Answers --------------------------------------------------------------------------------------------------------
ANSWER_CHARACTERS = env.int("ANSWER_CHARACTERS", default=500)
ANSWER_CACHE_SECONDS = env.int("ANSWER_CACHE_SECONDS", default=300)
TOOL_BUDGET_MS = env.int("TOOL_BUDGET_MS", default=1500)
TOOL_CALLS_PER_CONVERSATION = env.int("TOOL_CALLS_PER_CONVERSATION", default=10)
TOOL_CALLS_PER_PERSONA = env.int("TOOL_CALLS_PER_PERSONA", default=600)
LLM_BASE_URL = env.str("LLM_BASE_URL", default="")
LLM_API_KEY = env.str("LLM_API_KEY", default="")
LLM_MODEL = env.str("LLM_MODEL", default="")
EMBEDDING_BASE_URL = env.str("EMBEDDING_BASE_URL", default="").rstrip("/")
EMBEDDING_API_KEY = env.str("EMBEDDING_API_KEY", default="")
EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", default="")
EMBEDDING_DIMENSIONS = env.int("EMBEDDING_DIMENSIONS", default=0)
EMBEDDING_LANGUAGES = env.list("EMBEDDING_LANGUAGES", default=[])

# --- Reading documents ----------------------------------------------------------------------------------------------
DOCUMENT_MAX_MB = env.int("DOCUMENT_MAX_MB", default=50)
DOCUMENT_MAX_PAGES = env.int("DOCUMENT_MAX_PAGES", default=2000)
DOCUMENT_MAX_SECONDS = env.int("DOCUMENT_MAX_SECONDS", default=120)
DOCUMENT_MAX_MEMORY_MB = env.int("DOCUMENT_MAX_MEMORY_MB", default=1500)

# --- Keeping --------------------------------------------------------------------------------------------------------
KEEP_LOOKUPS_DAYS = env.int("KEEP_LOOKUPS_DAYS", default=365)
KEEP_STARTS_DAYS = env.int("KEEP_STARTS_DAYS", default=90)
KEEP_REPORTS_DAYS = env.int("KEEP_REPORTS_DAYS", default=90)
KEEP_ALERTS_DAYS = env.int("KEEP_ALERTS_DAYS", default=365)
KEEP_VERSIONS_DAYS = env.int("KEEP_VERSIONS_DAYS", default=730)

# --- Alerts ---------------------------------------------------------------------------------------------------------
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])
ALERT_CHAT_URL = env.str("ALERT_CHAT_URL", default="")
EMAIL_URL = env.str("EMAIL_URL", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="clone-advisor@localhost")
vars().update(env.email_url_config(EMAIL_URL or "dummymail://"))
EMAIL_TIMEOUT = 10
VOICE_REPORT_TO = env.list("VOICE_REPORT_TO", default=[])
VOICE_REPORT_HOUR = env.int("VOICE_REPORT_HOUR", default=7)
VOICE_REPORT_QUESTIONS = env.bool("VOICE_REPORT_QUESTIONS", default=False)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
OTEL_SERVICE_NAME = env.str("OTEL_SERVICE_NAME", default="clone-advisor")
SENTRY_DSN = env.str("SENTRY_DSN", default="")

# --- What follows is not set from outside ---------------------------------------------------------------------------
INSTALLED_APPS = [
    "voice",
    "knowledge",
    "personas",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "simple_history",
    "waffle",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.latecomers.Latecomers",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "voice.languages.Language",  # before whatever may have something to say
    "voice.tracking.track",
    "voice.lookout.Lookout",  # before the first that asks the database
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "voice.doorstep.SecondFactor",  # before the first that asks who it is
    "simple_history.middleware.HistoryRequestMiddleware",
    "voice.readings.Readings",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
    }
else:  # a server that does not even take the connection must not keep anybody waiting for the driver's two minutes
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The tool call's own Redis connection (knowledge.caching) has no retries and a breaker; this one serves the limits
# on people's doors.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "clone-advisor",
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3},
    },
    # Who may talk is asked once for a page or a call: from the database, so that a change holds at once and Redis may be down.
    "waffle": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
WAFFLE_FLAG_MODEL = "voice.Flag"
WAFFLE_CACHE_NAME = "waffle"
MIGRATION_MODULES = {"waffle": None}  # its own tables stay away: of waffle we use what a flag of ours inherits
WAFFLE_ENABLE_ADMIN_PAGES = False  # ours shows what is used here: no cookies, no tests by address, no samples

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
    for name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]
LOGIN_URL = "admin:login"
OTP_TOTP_ISSUER = f"Clone Advisor {urlsplit(PUBLIC_URL).hostname}"  # what an app on a phone calls the code
CSRF_FAILURE_VIEW = "voice.views.forbidden"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
FORMAT_MODULE_PATH = "config.formats"
LOCALE_PATHS = [DATA_DIR / "locale"]  # compiled at start from locale/, see voice/words
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
APPEND_SLASH = False  # a webhook's POST must never be redirected; people's addresses are written with their slash

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.StaticStorage"},
}
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "config.objects.ObjectStorage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": S3_REGION or None,
            "access_key": S3_ACCESS_KEY_ID or None,
            "secret_key": S3_SECRET_ACCESS_KEY or None,
        },
    }
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = 200
WEB_PORTS = (80, 443)  # on which pages of the web are fetched

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "voice.refusals.answer",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "voice.contract.routes.Generator",
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # a test reads its warnings
    "POSTPROCESSING_HOOKS": [],
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Without the last two a killed worker's task came back only after 104 s (measured; the default scans every 100 s).
    "visibility_timeout": 1800,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = schedule.of(RECONCILE_MINUTES, DRIFT_CHECK_MINUTES)

# --- Security -------------------------------------------------------------------------------------------------------
_tls = PUBLIC_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SECURE_SSL_REDIRECT = _tls
SECURE_HSTS_SECONDS = 31_536_000 if _tls else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _tls
SECURE_HSTS_PRELOAD = _tls
SESSION_COOKIE_SECURE = _tls
CSRF_COOKIE_SECURE = _tls
LANGUAGE_COOKIE_SECURE = _tls
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if _tls else []
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = policies.content(ELEVENLABS_URL)
PERMISSIONS_POLICY = policies.PERMISSIONS

LOGGING = logs.of(LOG_FORMAT, LOG_LEVEL)
