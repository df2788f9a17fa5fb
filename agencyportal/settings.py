"""Every setting, in one readable file.

Values come from the environment (`.env` is read when present, real variables win).
In production a missing or bad value refuses to start and names the variable; only
DEMO=1 and DEBUG=1 bring defaults of their own.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from agencyportal.environment import (
    debug_at_home,
    loopback_only,
    read_cache,
    read_choice,
    read_database,
    read_domains,
    read_name,
    read_number,
    read_origin,
    read_switch,
    read_text,
    read_url,
    read_vault_keys,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.FileAwareEnv()
if read_switch(env, "READ_DOT_ENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env")

# What kind of start this is ---------------------------------------------------------

DEBUG = read_switch(env, "DEBUG", default=False)
DEMO = read_switch(env, "DEMO", default=False)
EASY = DEBUG or DEMO

SECRET_KEY = read_text(env, "SECRET_KEY", least=50)
SITE_URL = read_url(env, "SITE_URL", secure=not EASY).rstrip("/")
OUR_NAMES = [urlsplit(SITE_URL).hostname, *(["localhost"] if DEMO else [])]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=OUR_NAMES)
AGENCY_NAME = read_text(env, "AGENCY_NAME")
STAFF_EMAIL_DOMAINS = read_domains(env, "STAFF_EMAIL_DOMAINS")

# Apps -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "agencyportal.apps.PortalConfig",
    "agencyportal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_q",
    "accounts.apps.AccountsConfig",
    "onboarding.apps.OnboardingConfig",
    "audit.apps.AuditConfig",
]
if DEMO:
    INSTALLED_APPS.append("agencyportal.demo")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "agencyportal.middleware.PrivateByDefault",
    "agencyportal.middleware.RequestId",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.signin.gate.RequireSecondFactor",
    "agencyportal.middleware.ReadersClock",
]
if DEMO:
    MIDDLEWARE.insert(0, "agencyportal.demo.address.OneAddress")

ROOT_URLCONF = "agencyportal.urls"
WSGI_APPLICATION = "agencyportal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "agencyportal.context.house",
                *(["agencyportal.demo.views.demo_cast"] if DEMO else []),
            ],
        },
    },
]

# Books ------------------------------------------------------------------------------

VAR_DIR.mkdir(mode=0o700, exist_ok=True)
VAR_DIR.chmod(0o700)  # the database lies here; nobody else on the machine reads it
DATABASES = {
    "default": read_database(
        env, "DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": read_cache(env, "CACHE_URL", default="dbcache://cache")}

# People -----------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.signin.backend.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"django.contrib.auth.password_validation.{name}",
        "OPTIONS": options,
    }
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"

ACCOUNT_ADAPTER = "accounts.signin.adapter.StaffAccountAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is mailed
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no mail from us
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"fresh_link": "10/h/ip"}  # the neutral page's letters
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ALLAUTH_TRUSTED_PROXY_COUNT = read_number(env, "TRUSTED_PROXY_COUNT", default=0)
MFA_ADAPTER = "accounts.signin.adapter.EncryptedMFAAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = AGENCY_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = EASY
USERSESSIONS_ADAPTER = "accounts.signin.adapter.ToldSessionsAdapter"

SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SECURE = not EASY
CSRF_COOKIE_SECURE = not EASY
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "onboarding.public.problems.csrf_failure"

# Vault and platforms ----------------------------------------------------------------

VAULT = read_choice(env, "VAULT", ("local", "infisical"), default="local")
VAULT_KEYS = read_vault_keys(env, "VAULT_KEYS")
INFISICAL_URL = read_origin(env, "INFISICAL_URL", secure=not EASY)
if VAULT == "infisical" and not INFISICAL_URL:
    raise ImproperlyConfigured("VAULT=infisical needs INFISICAL_URL.")
INFISICAL = (
    {
        "url": INFISICAL_URL,
        "project": read_text(env, "INFISICAL_PROJECT_ID"),
        "environment": read_name(env, "INFISICAL_ENVIRONMENT", default="prod"),
        "tenant": read_name(env, "INFISICAL_TENANT", default="portal"),
        "client_id": read_text(env, "INFISICAL_CLIENT_ID"),
        "client_secret": read_text(env, "INFISICAL_CLIENT_SECRET"),
    }
    if INFISICAL_URL
    else {}
)
TIKTOK = {
    "app_id": read_text(env, "TIKTOK_APP_ID"),
    "app_secret": read_text(env, "TIKTOK_APP_SECRET"),
    "api_url": read_url(
        env,
        "TIKTOK_API_URL",
        secure=not EASY,
        default="https://business-api.tiktok.com/open_api/v1.3/",
    ),
    "auth_url": read_url(
        env,
        "TIKTOK_AUTH_URL",
        secure=not EASY,
        default="https://business-api.tiktok.com/portal/auth",
    ),
    "creator_auth_url": read_url(
        env,
        "TIKTOK_CREATOR_AUTH_URL",
        secure=not EASY,
        default="https://www.tiktok.com/v2/auth/authorize",
    ),
}

# Jobs -------------------------------------------------------------------------------

# A lease runs from dequeue, not from start, so `retry` must outlast the whole local
# queue: retry > timeout x (ceil((queue_limit + 1) / workers) + 1).
Q_CLUSTER = {
    "name": "portal",
    "orm": "default",
    "workers": 4,
    "queue_limit": 4,
    "timeout": 120,
    "retry": 600,
    "max_attempts": 5,
    "save_limit": 0,
    "guard_cycle": 5,
    "poll": 0.5 if EASY else 1,
    "catch_up": False,
    "label": "Jobs",
    "error_reporter": {},
}

# Letters ----------------------------------------------------------------------------

vars().update(
    env.email_url("EMAIL_URL", default="consolemail://" if EASY else env.NOTSET)
)
DEFAULT_FROM_EMAIL = read_text(
    env, "DEFAULT_FROM_EMAIL", default="portal@localhost" if EASY else None
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Words and time ---------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = read_text(env, "TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = "agencyportal.formats"

# Files ------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EASY
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = EASY

# What the browser may do ------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the second factor's QR code is a data: SVG
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
# "no-referrer" makes browsers send `Origin: null`, and every form would fail.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0 if EASY else 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = not EASY
SECURE_HSTS_PRELOAD = not EASY
SECURE_SSL_REDIRECT = not EASY
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "DENY"

# Logs -------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_secrets": {"()": "accounts.outbound.redact.RedactingFilter"}},
    "formatters": {"line": {"format": "{levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["no_secrets"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["console"], "propagate": False},
        "django-q": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

if DEBUG:
    debug_at_home(hosts=ALLOWED_HOSTS, site_url=SITE_URL)
if DEMO:
    loopback_only(
        SITE_URL=SITE_URL,
        TIKTOK_API_URL=TIKTOK["api_url"],
        TIKTOK_AUTH_URL=TIKTOK["auth_url"],
        TIKTOK_CREATOR_AUTH_URL=TIKTOK["creator_auth_url"],
        hosts=ALLOWED_HOSTS,
        email_backend=vars()["EMAIL_BACKEND"],
        proxies=ALLAUTH_TRUSTED_PROXY_COUNT,
    )
