"""One request to one model. The only module that imports litellm, and only when the first request is made."""

import json
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from json import JSONDecodeError
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel

from agents.llm.addresses import ForbiddenAddressError, check_url
from agents.llm.wording import describe_form
from agents.models import LanguageModel
from agents.models.sealing import Unsealable, open_sealed
from agents.skills.loading import load_once

MOST_BYTES = 4 * 1024 * 1024
MILLION = Decimal(1_000_000)
_limits = threading.local()


class TooSlowError(Exception):
    """The answer did not come before the deadline."""


class TooLongError(Exception):
    """The server sends more than any answer may be."""


class RedirectedError(Exception):
    """The server sends us to another address; nobody follows."""


class Failure(Exception):  # noqa: N818
    """A request that gave no answer. ``code`` names the reason, the text says it to people.

    ``is_temporary``: trying again may help. ``is_refusal``: the server answered, and said no. ``wait``: the seconds
    that it asked us to wait.
    """

    def __init__(
        self, code: str, text: str, *, is_temporary: bool = False, is_refusal: bool = False, wait: float = 0.0
    ) -> None:
        self.code, self.is_temporary, self.is_refusal, self.wait = code, is_temporary, is_refusal, wait
        super().__init__(text)


@dataclass(frozen=True)
class Reply:
    """What a model wrote, which model says it was, and the tokens that it counted."""

    text: str
    resolved: str
    tokens_in: int
    tokens_out: int


@load_once()
def load() -> Any:
    """litellm, imported once."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # without it the import asks the internet for prices
    os.environ.setdefault("LITELLM_LOG", "ERROR")
    import litellm

    litellm.suppress_debug_info = True
    litellm.drop_params = True
    logging.getLogger("LiteLLM").setLevel(logging.ERROR)  # ours says what happened, without what was said
    litellm.completion("openai/x", [{"role": "user", "content": "x"}], mock_response="x")  # it imports more when used
    return litellm


@load_once(2)
def _client(pid: int) -> Any:
    """The HTTP client of this process: follows nobody, looks at every address, reads no more than it has to."""
    import httpx
    import openai

    class Pinned(httpx.HTTPTransport):
        """Dials the address that was looked at: a name that means another machine a moment later deceives nobody."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            name = request.url.host
            request.extensions = {**request.extensions, "sni_hostname": name}
            request.url = request.url.copy_with(host=check_url(str(request.url))[0])
            return super().handle_request(request)

    return openai.DefaultHttpxClient(transport=Pinned(), follow_redirects=False, event_hooks={"response": [_after]})


def _after(response: Any) -> None:
    """Read the whole answer here, where deadline and size are kept."""
    if response.is_redirect:
        raise RedirectedError(response.headers.get("location", "")[:200])
    chunks, size = [], 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise TooLongError
        if time.monotonic() > _limits.until:
            raise TooSlowError
    response._content = b"".join(chunks)  # what its own read() would have kept


def ask(model: LanguageModel, messages: list[dict[str, str]], schema: type[BaseModel], *, seconds: float) -> Reply:
    """Ask once. Raises Failure."""
    litellm = load()
    _limits.until = time.monotonic() + seconds
    try:
        found = litellm.completion(**_arguments(litellm, model, messages, schema, seconds))
        return _reply(found, model, messages)
    except Failure:
        raise
    except Exception as error:
        raise _failure(error, model) from error


def _arguments(
    litellm: Any, model: LanguageModel, messages: list[dict[str, str]], schema: type[BaseModel], seconds: float
) -> dict[str, Any]:
    client = _client(os.getpid())
    litellm.client_session = client
    given: dict[str, Any] = {
        "model": f"{model.kind}/{model.model}",
        "messages": messages,
        "api_key": _key(model) or "none",
        "api_base": model.base_url or None,
        "timeout": seconds,
        "max_retries": 0,
        "num_retries": 0,
        "temperature": 0,
        "max_tokens": model.longest_answer,
    }
    if model.kind == LanguageModel.Kind.AZURE:
        given["api_version"] = model.api_version or None
    if model.kind == LanguageModel.Kind.ANTHROPIC:
        from litellm.llms.custom_httpx.http_handler import HTTPHandler

        given["client"] = HTTPHandler(client=client)
    if model.answer_form == LanguageModel.Form.SCHEMA:
        described = {"name": schema.__name__, "schema": json.loads(describe_form(schema))}
        given["response_format"] = {"type": "json_schema", "json_schema": described}
    elif model.answer_form == LanguageModel.Form.JSON:
        given["response_format"] = {"type": "json_object"}
    return given


def _key(model: LanguageModel) -> str:
    try:
        return open_sealed(model.key)
    except Unsealable:
        raise Failure("key", _("The stored key cannot be opened any more. Enter it again.")) from None


def _reply(found: Any, model: LanguageModel, messages: list[dict[str, str]]) -> Reply:
    choice = found.choices[0]
    text = choice.message.content or ""
    if choice.finish_reason == "content_filter" or getattr(choice.message, "refusal", None):
        raise Failure("filter", _("The model refused to answer."), is_refusal=True)
    usage = getattr(found, "usage", None)
    tokens_in = getattr(usage, "prompt_tokens", 0) or count_tokens(messages)
    tokens_out = getattr(usage, "completion_tokens", 0) or len(text) // 3 + 1
    return Reply(text, str(found.model or model.model)[:120], tokens_in, tokens_out)


def count_tokens(messages: list[dict[str, str]]) -> int:
    """About how many tokens these messages are, rather too many than too few."""
    return sum(len(one["content"]) for one in messages) // 3 + 1


# ── what went wrong ───────────────────────────────────────────────────────────────────────────────────────────────


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _failure(error: Exception, model: LanguageModel) -> Failure:
    """The reason in words that tell which setting is wrong: by what lies under litellm's error, else by its status."""
    causes = list(_causes(error))
    for cause in causes:
        if found := _of_connection(cause):
            return found
    for cause in causes:
        if status := getattr(cause, "status_code", None):
            return _of_status(int(status), cause, model)
    if any("Timeout" in type(cause).__name__ for cause in causes):
        return _too_slow()
    return Failure("failed", _("It failed: %(why)s") % {"why": _said(error, model)}, is_temporary=True)


def _too_slow() -> Failure:
    return Failure("timeout", _("No answer before the deadline."), is_temporary=True)


def _of_connection(cause: BaseException) -> Failure | None:
    if isinstance(cause, ForbiddenAddressError):
        return Failure("address", str(cause), is_refusal=True)
    if isinstance(cause, RedirectedError):
        said = _("The server sends us elsewhere (%(where)s). Enter that address, if it is the right one.")
        return Failure("redirect", said % {"where": cause}, is_refusal=True)
    if isinstance(cause, TooLongError):
        return Failure("too_long", _("The server sends more than any answer may be."), is_refusal=True)
    if isinstance(cause, ssl.SSLError):
        why = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or str(cause)
        return Failure("tls", _("TLS: no safe connection to the server (%(why)s).") % {"why": why})
    if isinstance(cause, socket.gaierror):
        return Failure("name", _("Nobody knows a server of this name."), is_temporary=True)
    if isinstance(cause, ConnectionRefusedError):
        return Failure("connect", _("Nothing listens at this address. Is the server running?"), is_temporary=True)
    if isinstance(cause, JSONDecodeError):
        return Failure("not_json", _("What answers there is no model: its answer is not JSON."), is_temporary=True)
    return _too_slow() if isinstance(cause, TooSlowError | TimeoutError) else None


def _of_status(status: int, cause: Any, model: LanguageModel) -> Failure:
    why = _said(cause, model)
    if status in (401, 403):
        return Failure("key", _("The server does not take the key: %(why)s") % {"why": why}, is_refusal=True)
    if status == 404:
        said = _("The server knows no model “%(model)s” at this address, which often ends with /v1: %(why)s")
        return Failure("model", said % {"model": model.model, "why": why}, is_refusal=True)
    if status == 429:
        return Failure("busy", _("The server says: too many requests."), is_temporary=True, wait=_wait(cause))
    if status in (408, 504):
        return _too_slow()
    if status >= 500:
        return Failure("server", _("The server failed: %(why)s") % {"why": why}, is_temporary=True)
    return Failure("request", _("The server refuses the question: %(why)s") % {"why": why}, is_refusal=True)


def _wait(cause: Any) -> float:
    headers = getattr(getattr(cause, "response", None), "headers", None) or {}
    try:
        return min(max(float(headers.get("retry-after", 0)), 0.0), 600.0)
    except ValueError:
        return 0.0


def _said(error: Any, model: LanguageModel) -> str:
    """The server's own words, short and without the key."""
    text = str(getattr(error, "message", "") or error)
    try:
        key = open_sealed(model.key)
    except Unsealable:
        key = ""
    return " ".join((text.replace(key, "…") if key else text).split())[:200]


# ── prices ────────────────────────────────────────────────────────────────────────────────────────────────────────


def prices(model: LanguageModel) -> tuple[Decimal, Decimal]:
    """What a token read and one written cost: as entered, else by the price list of litellm, else nothing."""
    if model.price_in is not None or model.price_out is not None:
        return (model.price_in or Decimal(0)) / MILLION, (model.price_out or Decimal(0)) / MILLION
    listed = load().model_cost
    row = listed.get(f"{model.kind}/{model.model}") or listed.get(model.model) or {}
    return Decimal(str(row.get("input_cost_per_token") or 0)), Decimal(str(row.get("output_cost_per_token") or 0))
