"""Django's settings, made of the environment (`estation_central.settings`)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from estation_central import settings as environment
from estation_central.settings import CentreSettings

_PACKAGE = Path(__file__).resolve().parent.parent

CENTRE = environment.read(os.environ)
SECRET_KEY = environment.secret(CENTRE)
DEBUG = False
ALLOWED_HOSTS = list(CENTRE.hosts)
ROOT_URLCONF = "estation_central.site.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "estation_central.publication",
    "estation_central.stations",
    "estation_central.compliance",
    "estation_central.ledger",
    "estation_central.registry",
    "estation_central.accounts",
    "estation_central.alerts",
    "estation_central.bulletins",
    "estation_central.api",
    "auditlog",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
]
MIDDLEWARE = [
    "estation_central.site.headers.told",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "estation_central.site.headers.content_security",
    "estation_central.site.headers.bounded_body",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "estation_central.accounts.access.Door",  # in a demonstration, on this machine only, pages are read without a login
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_PACKAGE / "site" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def database(centre: CentreSettings) -> dict[str, Any]:
    """Django's words for the centre's database."""
    if not centre.database:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": centre.sqlite_file,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",  # a writer waits for the collector instead of failing half way
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            },
        }
    words = conninfo_to_dict(centre.database)
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **{named[word]: value for word, value in words.items() if word in named},
        "OPTIONS": {word: value for word, value in words.items() if word not in named},
    }


DATABASES = {"default": database(CENTRE)}
DATA_UPLOAD_MAX_NUMBER_FILES = 500  # more than the page of reports takes: it can say so itself
USE_TZ = True
TIME_ZONE = "UTC"  # every page says a station's own zone beside its hours
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [_PACKAGE / "locale"]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # one style sheet of our own: nothing to collect
WHITENOISE_AUTOREFRESH = False
STATICFILES_DIRS = [_PACKAGE / "site" / "static"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
# Ten wrong passwords close a name for a quarter of an hour. By name alone: behind the proxy all have one address.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # it asks for the address, which is the proxy's
AXES_LOCKOUT_TEMPLATE = "locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # who logged in when and from where is nobody's business
OTP_TOTP_ISSUER = "E-Station"
AUDITLOG_DISABLE_REMOTE_ADDR = True
SESSION_COOKIE_AGE = 12 * 3600  # a working day
# Outside the demonstration the pages stand behind a reverse proxy that ends HTTPS on this machine.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not CENTRE.demo
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = not CENTRE.demo
SECURE_REDIRECT_EXEMPT = ["^(healthz|readyz|metrics)$"]  # asked on this machine, past the proxy
SECURE_HSTS_SECONDS = 0 if CENTRE.demo else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not CENTRE.demo
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if CENTRE.mail is not None:
    EMAIL_HOST, EMAIL_PORT = CENTRE.mail.host, CENTRE.mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = CENTRE.mail.user, CENTRE.mail.secret
    EMAIL_USE_SSL, EMAIL_USE_TLS = CENTRE.mail.wrapped, not (CENTRE.mail.wrapped or CENTRE.mail.plain)
    DEFAULT_FROM_EMAIL = CENTRE.mail.sender
else:
    EMAIL_HOST = ""
EMAIL_TIMEOUT = 10  # seconds; a post office that is slower is tried again at the next pass
LOGGING_CONFIG = None  # the command has said how (`telling`)
