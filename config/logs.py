"""What is logged: events with ids. Addresses and words of customers are taken out as the last step."""

import re
from typing import Any

import structlog

ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
NEVER = {"subject", "body", "text", "html", "raw", "payload", "sender", "recipient", "recipients", "password", "token"}


def take_out_personal(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop the keys that hold what people wrote, and mask every mail address that is left."""
    return {
        key: ADDRESS.sub("…@…", value) if isinstance(value, str) else value
        for key, value in event.items()
        if key not in NEVER
    }


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logs(*, level: str, as_json: bool) -> dict[str, Any]:
    """Set up structlog and return Django's ``LOGGING``: one line per event on stderr, ours and others' alike."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    shown = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    last = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        take_out_personal,
        shown,
    ]
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": SHARED, "processors": last}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "mail.log": {"level": "WARNING"},
            "django-q": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
