"""Django's settings, made of the environment (`estation_central.settings`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from estation_central import settings as centre

_PACKAGE = Path(__file__).resolve().parent.parent

CENTRE = centre.read(os.environ)
SECRET_KEY = centre.secret(CENTRE)
DEBUG = False
ALLOWED_HOSTS = list(CENTRE.hosts)
ROOT_URLCONF = "estation_central.site.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "estation_central.stations",
    "estation_central.compliance",
    "estation_central.registry",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "estation_central.site.headers.content_security",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if not CENTRE.demo:  # in a demonstration, on this machine only, the pages can be read without a login
    MIDDLEWARE.append("django.contrib.auth.middleware.LoginRequiredMiddleware")
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


def _database() -> dict[str, Any]:
    if not CENTRE.database:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": CENTRE.sqlite_file,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",  # a writer waits for the collector instead of failing half way
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            },
        }
    words = conninfo_to_dict(CENTRE.database)
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **{named[word]: value for word, value in words.items() if word in named},
        "OPTIONS": {word: value for word, value in words.items() if word not in named},
    }


DATABASES = {"default": _database()}
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
LOGIN_REDIRECT_URL = "stations"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
# Outside the demonstration the pages stand behind a reverse proxy that ends HTTPS on this machine.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not CENTRE.demo
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = not CENTRE.demo
SECURE_HSTS_SECONDS = 0 if CENTRE.demo else 31_536_000
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGGING: dict[str, Any] = {"version": 1, "disable_existing_loggers": False}
