"""Settings. What an operator owns comes from the environment; what an administrator owns is on the Manage pages.

docs/operating.md lists every variable read here.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp import constants as csp

from config import postgres
from config.logs import configure_logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
environ.Env.read_env(BASE_DIR / ".env")

# Where everything lies that is written at run time: database, keys, uploads, built graphs.
VAR_DIR = Path(env.str("DESKHAND_VAR", default=str(BASE_DIR / "var"))).resolve()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or postgres.secret(VAR_DIR, "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Fernet keys, newest first: what administrators enter (mailbox passwords) is stored under the first.
STORED_SECRETS_KEYS = env.list("STORED_SECRETS_KEYS", default=[]) or [postgres.secret(VAR_DIR, "stored_secrets_key")]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Links in mails come from here, never from the request.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000")
# The name people know this copy by; it stands under the product's name on every page.
COMPANY_NAME = env.str("COMPANY_NAME", default="")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.admin",
    "django.forms",
    "django_htmx",
    "django_filters",
    "django_q",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "allauth.mfa",
    "anymail",
    "lucide",
    "csp",
    "agents",
    "accounts",
    "conversations",
    "knowledge",
    "intents",
    "cases",
    "sales",
    "followups",
    "hub",
]

MIDDLEWARE = [
    "config.health.answer_health",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.second_factor.RequireSecondFactor",
    "accounts.middleware.OwnTimeZone",
    "accounts.middleware.NoteSeen",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.shell.RefusedMethodPage",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "config.shell.shell",
            ],
            # Every page is written with these, so no template loads them.
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "config.components"],
        },
    }
]

FORM_RENDERER = "config.forms.PageFormRenderer"

# Nothing inline, nothing from elsewhere; pictures in mails come through our own address.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.NONE],
        "script-src": [csp.SELF],
        "style-src": [csp.SELF],
        "img-src": [csp.SELF],
        "font-src": [csp.SELF],
        "connect-src": [csp.SELF],
        "frame-src": [csp.SELF],
        "form-action": [csp.SELF],
        "frame-ancestors": [csp.SELF],
        "base-uri": [csp.NONE],
    }
}

DATABASES = {
    "default": {**env.db_url_config(postgres.database_url(VAR_DIR)), "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
}
# What must be one for all web processes: how often somebody has guessed a password.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "accounts_cache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ["name", "email"]},
        "MinimumLengthValidator": {"min_length": 10},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
# People sign in by e-mail address, are added by an administrator, and read the same answer to every wrong guess.
ACCOUNT_ADAPTER = "accounts.signin.SignInAdapter"
ACCOUNT_FORMS = {
    "reset_password": "accounts.signin.ResetPasswordForm",
    "user_token": "accounts.signin.UserTokenForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_SESSION_REMEMBER = None
# A code of an app beside the password. Who must have it: none | administrators | all. Ten recovery codes go with it.
REQUIRE_SECOND_FACTOR = env.str("REQUIRE_SECOND_FACTOR", default="none")
MFA_ADAPTER = "accounts.second_factor.SealedFactor"
MFA_TOTP_ISSUER = COMPANY_NAME or "Deskhand"
MFA_TOTP_TOLERANCE = 1  # clocks of phones may be half a minute off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by administrators, not claimed by strangers
SESSION_COOKIE_AGE = 14 * 24 * 3600
# An https:// address for people means TLS everywhere; behind a proxy say BEHIND_PROXY, or pages redirect for ever.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PUBLIC_URL.startswith("https://")
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = [
    "security.W019",  # pages show mail bodies in frames of their own; the CSP says the same
    *([] if SECURE_HSTS_INCLUDE_SUBDOMAINS else ["security.W005", "security.W021"]),  # the operator's other hosts
]
# How many proxies of ours stand before the web server: rate limits need the address of the one who asks.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
# Only the mails in which people of ours set a password go this way; customers are written to through mailboxes.
vars().update(env.email_url("STAFF_EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = env.str("STAFF_EMAIL_FROM", default="deskhand@localhost")

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"

# What may leave: hold | sink | allowlist | live. The operator's word, outside the database.
OUTBOUND = env.str("OUTBOUND", default="hold")
OUTBOUND_ALLOWLIST = env.list("OUTBOUND_ALLOWLIST", default=[])
OUTBOUND_SINK = env.str("OUTBOUND_SINK", default="127.0.0.1:2525")
# A claimed effect is this worker's for the lease; one on the wire is left alone for lease and grace.
OUTBOX_LEASE_SECONDS = env.float("OUTBOX_LEASE_SECONDS", default=300)
OUTBOX_GRACE_SECONDS = env.float("OUTBOX_GRACE_SECONDS", default=900)
# What an agent sends by itself waits this long, so that anybody may stop it.
AUTOMATIC_HOLD_SECONDS = env.float("AUTOMATIC_HOLD_SECONDS", default=60)
# No agent goes above this level whatever the Manage pages say: off | observe | ask | auto.
AGENT_CEILING = env.str("AGENT_CEILING", default="auto")
# In this order a new conversation is offered to those who may take it.
MESSAGE_ROUTES = ["sales.outreach.replies.SalesRoute", "cases.intake.CasesRoute"]
# These look at a new message before it is offered, so that rules know what they saw.
MESSAGE_READERS = ["intents.matching.read_message"]
# A mail over this many bytes stays on its server; what we know of it is parked.
MAIL_SIZE_LIMIT = env.int("MAIL_SIZE_LIMIT", default=40 * 1024 * 1024)
# How often a mailbox is read, and how long a mail server may take to connect and to answer.
MAIL_POLL_SECONDS = env.float("MAIL_POLL_SECONDS", default=15)
MAIL_TIMEOUT_SECONDS = env.float("MAIL_TIMEOUT_SECONDS", default=30)
# How long the answer to the end of a mail may take: less than ten minutes makes duplicates (RFC 5321 4.5.3.2.6).
SMTP_ACCEPT_SECONDS = env.float("SMTP_ACCEPT_SECONDS", default=600)
# What agents send by themselves is capped without looking at any header, so that no loop can outrun it.
AUTOMATIC_PER_ADDRESS_AND_HOUR = env.int("AUTOMATIC_PER_ADDRESS_AND_HOUR", default=4)
AUTOMATIC_PER_CONVERSATION_AND_DAY = env.int("AUTOMATIC_PER_CONVERSATION_AND_DAY", default=6)
# The right side of our Message-IDs; what comes in with it is ours.
MESSAGE_ID_DOMAIN = env.str("MESSAGE_ID_DOMAIN", default="") or urlsplit(PUBLIC_URL).hostname or "localhost"
# Web pages about leads: seconds between two requests to one site; the demo reads its sites from files instead.
FETCH_PAUSE_SECONDS = env.float("FETCH_PAUSE_SECONDS", default=1.0)
FETCH_DEMO_FOLDER = env.str("FETCH_DEMO_FOLDER", default="")
# Whether administrators may enter addresses in private networks (a model on this machine or in the house).
MODEL_PRIVATE_ADDRESSES = env.bool("MODEL_PRIVATE_ADDRESSES", default=False)
# So many days what a model wrote is kept (personal data masked), and the line about the call without it.
MODEL_ANSWER_DAYS = env.int("MODEL_ANSWER_DAYS", default=30)
MODEL_CALL_DAYS = env.int("MODEL_CALL_DAYS", default=400)
# A directory with model.safetensors, tokenizer.json and config.json of a BERT-type sentence encoder.
EMBEDDINGS_DIR = env.str("EMBEDDINGS_DIR", default="")

Q_CLUSTER = {
    "name": "deskhand",
    "orm": "default",
    "workers": env.int("WORKERS", default=2),
    "queue_limit": env.int("WORKERS", default=2),
    "bulk": 1,
    "timeout": 120,
    "retry": 300,
    "max_attempts": 3,
    "catch_up": False,
    "recycle": 200,
    "save_limit": 1000,
    "poll": 0.5,
}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.statics.StaticStorage"},
}

# What runs under `manage.py up`.
SUPERVISOR = "config.supervisor.run"
WEB_HOST = env.str("WEB_HOST", default="127.0.0.1")
WEB_PORT = env.int("WEB_PORT", default=8000)
WEB_PROCESSES = env.int("WEB_PROCESSES", default=1)
WEB_THREADS = env.int("WEB_THREADS", default=8)
# Called every second by `manage.py poll`, each with now=.
POLLERS = ["conversations.fetch.poll_due"]

# The API (config/api.py, docs/api.md).
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["config.reading.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.reading.AlwaysJSON",
    "DEFAULT_THROTTLE_CLASSES": ["config.reading.PerMinute"],
    "DEFAULT_SCHEMA_CLASS": "config.openapi.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "config.problems.answer_exception",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Deskhand API",
    "VERSION": "1",
    "DESCRIPTION": "Cases, messages, suggestions and articles for programs. docs/api.md is the guide.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "SuggestionState": "agents.models.decisions.Suggestion.State",
        "ArticleState": "knowledge.models.Article.State",
        "ArticleStateReason": "knowledge.models.Article.StateReason",
        "CaseStatus": "cases.models.cases.Case.Status",
        "LeadStatus": "sales.models.leads.Lead.Status",
        "CaseStatusReason": "cases.models.cases.Case.StatusReason",
        "Level": "agents.models.levels.Level",
        "SuppressionReason": "conversations.models.Suppression.Reason",
        "AgentStateReason": "cases.models.attention.AgentState.Reason",
        "OpenCaseStatusReason": "cases.api.bodies.REASONS_OF_OPEN",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.refuse_unknown_fields",
    ],
}

LOGGING = configure_logs(level=env.str("LOG_LEVEL", default="INFO"), as_json=env.bool("LOG_JSON", default=False))
