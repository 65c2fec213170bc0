"""A model on this machine that says what a test wants, in the shapes of OpenAI, Azure and Anthropic: no mock."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = str | dict[str, Any]
KEYS = ("authorization", "api-key", "x-api-key")


class ModelStub:
    """What the model says next (``say``), and every request it was sent (``asked``)."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.hosts: list[str] = []
        self.keys: list[str] = []  # by whichever header the kind of server takes it
        self.answer: Callable[[dict[str, Any]], Said] = lambda request: "{}"
        self.status, self.headers, self.body = 200, {}, b""
        self.failures = 0  # so many requests fail with ``status`` before it answers; -1: all
        self.seconds = 0.0
        self.at_once = self.most_at_once = 0
        self.url = ""
        self.lock = threading.Lock()

    def say(self, *answers: Said) -> None:
        """These answers, one after the other; the last for ever."""
        left = list(answers)
        self.answer = lambda request: left.pop(0) if len(left) > 1 else left[0]

    def fail(self, status: int, times: int = -1, body: bytes = b"", **headers: str) -> None:
        """Answer with an error, always or so many times."""
        self.status, self.failures, self.body = status, times, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def last_text(self) -> str:
        """Everything that the last request said."""
        return "\n".join(one["content"] for one in self.asked[-1]["messages"])


def _handler(stub: ModelStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize, disable_nagle_algorithm = -1, True  # head and body leave at once, as from real servers

        def log_message(self, *arguments: Any) -> None:
            pass

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
            with stub.lock:
                stub.asked.append(request)
                stub.paths.append(self.path)
                stub.hosts.append(self.headers["host"])
                stub.keys.append(next((self.headers[name] for name in KEYS if name in self.headers), ""))
                stub.at_once += 1
                stub.most_at_once = max(stub.most_at_once, stub.at_once)
                fails = stub.failures != 0
                stub.failures -= stub.failures > 0
            try:
                time.sleep(stub.seconds)
                if fails:
                    body = stub.body or json.dumps({"error": {"message": f"status {stub.status}"}}).encode()
                    self.reply(stub.status, body, stub.headers)
                else:
                    with stub.lock:
                        said = stub.answer(request)
                    shape = _message if self.path.endswith("/messages") else _completion
                    self.reply(200, shape(request, said), {})
            finally:
                with stub.lock:
                    stub.at_once -= 1

        def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

    return Handler


def _completion(request: dict[str, Any], said: Said) -> bytes:
    text = said if isinstance(said, str) else json.dumps(said)
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    shown = {"id": "x", "object": "chat.completion", "created": 1, "model": f"{request['model']}-2026"}
    return json.dumps(shown | {"choices": [choice], "usage": usage}).encode()


def _message(request: dict[str, Any], said: Said) -> bytes:
    """As Anthropic's Messages API answers: through the tool it was told to use, else as text."""
    tools = request.get("tools") or []
    text = said if isinstance(said, str) else json.dumps(said)
    block: dict[str, Any] = {"type": "text", "text": text}
    if tools and not isinstance(said, str):
        block = {"type": "tool_use", "id": "tool_1", "name": tools[0]["name"], "input": said}
    shown = {"id": "msg_1", "type": "message", "role": "assistant", "model": f"{request['model']}-2026"}
    usage = {"input_tokens": 100, "output_tokens": 20}
    return json.dumps(shown | {"content": [block], "stop_reason": "end_turn", "usage": usage}).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextlib.contextmanager
def running_model() -> Iterator[ModelStub]:
    """A model that listens on a free port of this machine."""
    stub = ModelStub()
    server = _Server(("127.0.0.1", 0), _handler(stub))
    stub.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
