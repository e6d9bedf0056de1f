"""Docs enter; the vectors of their tokens leave, as the layers of a model's tok2vec compute them, but sooner.

What a token is by itself (its embedding, a third of the work) is computed once for each kind of token and kept; what
its neighbours make of it is one product a layer of numpy's BLAS (OpenBLAS, 1.6 times as fast as spaCy's BLIS). The
layers: spaCy, ml/models/tok2vec.py (MultiHashEmbed, MaxoutWindowEncoder); what each computes: thinc, layers/maxout.py,
layers/layernorm.py, layers/expand_window.py, layers/with_array.py. Sums are rounded in another order than there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.pipeline import EntityRecognizer, Tok2Vec
from spacy.tokens import Doc
from thinc.api import Model
from threadpoolctl import ThreadpoolController

#: Kinds of tokens that are kept: 10 MB of numbers for each tok2vec, in a table that has room for up to twice as many.
KEPT = 25_000
_EMBED = ["extract_features", "list2ragged", "with_array", "with_array", "ragged2list"]
_LAYER = ["expand_window", "maxout", "layernorm", "dropout"]
#: Both ways must say the same of this, or the model's own is kept.
_PROBE = (
    "\"We don't know, \"  Ana O'Neill-Lind told the  BBC on 3 May 2024.",
    "",
    "Yes!",
    "U.S. officials: $3.5m\n\n lost",
)

Floats = NDArray[np.float32]


def compute_at_once(nlp: Language) -> None:
    """Put the quicker computation in the place of a pipeline's tok2vecs; what has other layers keeps its own."""
    docs = [nlp.make_doc(text) for text in _PROBE]
    for name in nlp.pipe_names:
        pipe: Any = nlp.get_pipe(name)
        if isinstance(pipe, Tok2Vec):
            pipe.model = _quicker(pipe.model, docs)
        elif isinstance(pipe, EntityRecognizer):
            layers = pipe.model.get_ref("tok2vec").layers
            layers[0] = _quicker(layers[0], docs)


def _quicker(model: Any, docs: Sequence[Doc]) -> Any:
    found = Vectors.of(model)
    if found is None:
        return model
    ours, theirs = found.predict(docs), model.predict(docs)
    if not all(np.allclose(one, other, atol=1e-4) for one, other in zip(ours, theirs, strict=True)):
        return model

    def forward(_: object, docs: Sequence[Doc], is_train: bool) -> tuple[list[Floats], Any]:
        return found.predict(docs), lambda gradient: []

    return Model("vectors_at_once", forward, dims={"nO": found.width}, ops=model.ops)


@dataclass(frozen=True, slots=True)
class Layer:
    """A token with its neighbours: ``weights`` by input (before, at, behind) and by output, of each piece in a row."""

    weights: Floats  # (3 width, pieces width)
    bias: Floats  # (pieces width)
    scale: Floats
    shift: Floats
    mean: Floats  # times a row: its mean

    @classmethod
    def of(cls, maxout: Any, norm: Any) -> Layer:
        weights, bias = maxout.get_param("W"), maxout.get_param("b")  # (output, piece, input), (output, piece)
        return cls(
            np.ascontiguousarray(weights.transpose(2, 1, 0).reshape(weights.shape[2], -1)),
            np.ascontiguousarray(bias.T.ravel()),
            norm.get_param("G"),
            norm.get_param("b"),
            np.full(weights.shape[0], 1 / weights.shape[0], np.float32),
        )

    def add_to(self, rows: Floats, window: Floats) -> None:
        """Add to each row what it and its neighbours say; ``window`` is room for both, zero beyond the ends."""
        width = rows.shape[1]
        window[1:, :width] = rows[:-1]
        window[:, width : 2 * width] = rows
        window[:-1, 2 * width :] = rows[1:]
        product = window @ self.weights
        product += self.bias
        best = np.maximum(product[:, :width], product[:, width : 2 * width])
        for piece in range(2 * width, product.shape[1], width):
            np.maximum(best, product[:, piece : piece + width], out=best)
        best -= (best @ self.mean)[:, None]
        spread = np.einsum("ij,ij->i", best, best)
        spread /= width
        spread += np.float32(1e-8)
        best /= np.sqrt(spread, out=spread)[:, None]
        best *= self.scale
        best += self.shift
        rows += best


class Vectors:
    """The weights of a tok2vec, and the embeddings of the kinds of tokens that were met."""

    def __init__(self, embed: Any, layers: Sequence[Layer], pad: int) -> None:
        self._columns = embed.layers[0].attrs["columns"]
        # Of rows of features; what stands around these layers makes rows of docs, and docs' of rows.
        self._hashed, self._mixed = embed.layers[2].layers[0], embed.layers[3].layers[0]
        self._layers = layers
        self._pad = pad
        self.width = int(layers[0].scale.shape[0])
        self._lock = Lock()
        self._places: dict[bytes, int] = {}
        self._table: Floats = np.zeros((256, self.width), np.float32)

    @classmethod
    def of(cls, model: Any) -> Vectors | None:
        """Take over a model's weights; None when its layers are others than those whose rules are written here."""
        if len(model.layers) != 2:
            return None
        embed, encode = model.layers
        leaves = [layer for layer in encode.walk(order="dfs_pre") if not layer.layers]
        if [_kind(layer) for layer in embed.layers] != _EMBED or _kind(encode) != "with_array":
            return None
        if not leaves or [layer.name for layer in leaves] != _LAYER * (len(leaves) // len(_LAYER)):
            return None
        if any(layer.attrs["window_size"] != 1 for layer in leaves[::4]):
            return None
        if any(maxout.get_dim("nP") < 2 for maxout in leaves[1::4]):
            return None
        if [_kind(layer) for layer in encode.layers[0].layers] != ["residual"] * (len(leaves) // len(_LAYER)):
            return None
        layers = [Layer.of(maxout, norm) for maxout, norm in zip(leaves[1::4], leaves[2::4], strict=True)]
        return cls(embed, layers, encode.attrs["pad"])

    def predict(self, docs: Sequence[Doc]) -> list[Floats]:
        """Return by document the vectors of its tokens, (tokens, width)."""
        lengths = [len(doc) for doc in docs]
        if not any(lengths):
            return [np.zeros((0, self.width), np.float32) for _ in docs]
        with self._lock:
            own = self._own(np.concatenate([doc.to_array(self._columns) for doc in docs if len(doc)]))
        with one_thread():
            return self._with_neighbours(own, lengths)

    def _with_neighbours(self, own: Floats, lengths: Sequence[int]) -> list[Floats]:
        # Documents stand in one array with rows of zeros around each, which the layers fill as they do others.
        rows = np.zeros((len(own) + self._pad * (len(lengths) + 1), self.width), np.float32)
        places = list(_places(lengths, self._pad))
        done = 0
        for place in places:
            size = place.stop - place.start
            rows[place] = own[done : done + size]
            done += size
        window = np.zeros((len(rows), 3 * self.width), np.float32)
        for layer in self._layers:
            layer.add_to(rows, window)
        return [rows[place] for place in places]

    def _own(self, features: NDArray[np.uint64]) -> Floats:
        """Return what tokens are by themselves, by the rows of their features."""
        features = np.ascontiguousarray(features)
        keys = features.view(f"V{features.shape[1] * features.itemsize}").ravel().tolist()
        unseen = {key: i for i, key in enumerate(keys) if key not in self._places}
        if unseen:
            if len(self._places) + len(unseen) > KEPT and self._places:
                self._places.clear()
                unseen = {key: i for i, key in enumerate(keys)}
            self._keep(list(unseen), self._mixed.predict(self._hashed.predict(features[list(unseen.values())])))
        return self._table[[self._places[key] for key in keys]]

    def _keep(self, keys: Sequence[bytes], rows: Floats) -> None:
        first = len(self._places)
        if first + len(rows) > len(self._table):
            grown = np.zeros((2 * (first + len(rows)), self.width), np.float32)
            grown[:first] = self._table[:first]
            self._table = grown
        self._table[first : first + len(rows)] = rows
        self._places.update(zip(keys, range(first, first + len(rows)), strict=True))


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Have numpy's BLAS use one thread meanwhile: these products are small, and threads that wait for others spin."""
    return _libraries().limit(limits=1, user_api="blas")  # type: ignore[no-any-return]


def _kind(layer: Any) -> str:
    return str(layer.name).partition("(")[0]


def _places(lengths: Sequence[int], pad: int) -> Iterator[slice]:
    start = pad
    for length in lengths:
        yield slice(start, start + length)
        start += length + pad
