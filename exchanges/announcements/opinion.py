"""A second opinion on a notice: how probable it is that it announces an event, by the letters of its title and body.

A linear model on hashed n-grams of letters. It knows no grammar and no rule, so it errs elsewhere than the rules do. It
may only send a notice to a person. `benchmarks/train_second_opinion.py` trains it and writes its file. Pure.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from exchanges.announcements.text.names import EXCHANGES, NO_TICKERS

Indexes = npt.NDArray[np.uint32]
Weights = npt.NDArray[np.float32]

FILE = Path(__file__).resolve().parent / "data" / "second_opinion.bin"
# Above it a notice that the rules take for harmless goes to a person. The curve: `python -m
# benchmarks.train_second_opinion --curve`.
THRESHOLD = 0.77
TITLE_BITS, BODY_BITS = 16, 17
SHORTEST, LONGEST = 2, 5
# What a notice is about stands in its first sentences.
MAX_TITLE, MAX_BODY = 300, 1_200
# The longest text that is prepared; what is left of it is cut at MAX_BODY.
_MAX_RAW = 4_000

_WORDS = re.compile(r"([A-Za-z0-9$]+)")
_VENUES = frozenset(name.lower() for name in EXCHANGES - {"CRYPTO", "GATE"})
_LETTERED = NO_TICKERS - EXCHANGES
# A list of names, amounts and dates says no more than one of them.
_NAMES = re.compile(r"¤(?:[\s,;&()/_:.+-]*¤)+")
# Stripped, not matched: a pattern would be tried from each sign of a run that something follows.
_OPEN_END = " ,;&()/_:.+-¤0"
_DIGITS = re.compile(r"0(?:[\s,;/_:.+-]*0)+")


@dataclass(frozen=True)
class Model:
    """Weights of the n-grams of title and body, and the constant. inputs: digests of what it was trained on."""

    title: Weights
    body: Weights
    constant: float
    inputs: dict[str, str]


def opinion(title: str, text: str = "") -> float:
    """The probability that a notice announces an event, from 0 to 1. text: its sentences; "" where it has no body."""
    model = shipped()
    in_title, in_body = features(title, text)
    score = model.constant + _sum(model.title, in_title) + _sum(model.body, in_body)
    return float(1 / (1 + np.exp(-min(max(score, -30.0), 30.0))))


def features(title: str, text: str = "") -> tuple[Indexes, Indexes]:
    """The numbers of the n-grams of title and body, each as often as it occurs."""
    return (
        _ngrams(prepared(title[:MAX_TITLE], MAX_TITLE), TITLE_BITS),
        _ngrams(prepared(text[:_MAX_RAW], MAX_BODY), BODY_BITS),
    )


def prepared(text: str, limit: int) -> str:
    """A text without what it names: coins, exchanges and figures become one letter each, all else lower case."""
    shouting = text.isupper()
    # What follows cannot change what is kept, but for a list of names or figures at the cut.
    start = text[: text.rfind(" ", 0, 3 * limit // 2) + 1]
    if start and len(text) > 3 * limit // 2:
        read = _prepared(start, shouting)
        if len(read.rstrip(_OPEN_END)) >= limit:
            return read[:limit]
    return _prepared(text, shouting)[:limit]


def _prepared(text: str, shouting: bool) -> str:
    pieces = _WORDS.split(text)
    pieces[1::2] = map(_neutral_shouted if shouting else _neutral, pieces[1::2])
    text = "".join(pieces).lower()
    text = _DIGITS.sub("0", _NAMES.sub("¤", text))
    return " ".join(text.split())


@lru_cache(maxsize=50_000)
def _neutral(word: str) -> str:
    is_name = len(word) > 1 and word == word.upper() and word not in _LETTERED
    return "¤" if is_name and not word.isdigit() and word.lower() not in _VENUES else _neutral_shouted(word)


@lru_cache(maxsize=50_000)
def _neutral_shouted(word: str) -> str:
    """A word of a text in capitals, of which none is known to be a name."""
    return "0" if word.isdigit() else "§" if word.lower() in _VENUES else word.lower()


def _ngrams(text: str, bits: int) -> Indexes:
    """The n-grams of a text as hashes of `bits` bits: the same on every machine, unlike `hash`."""
    if not text:
        return np.empty(0, np.uint32)
    letters = np.frombuffer(f"\x02{text}\x03".encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    sums = letters * np.uint32(0x9E3779B1)
    found = []
    for length in range(2, LONGEST + 1):
        if len(letters) < length:
            break
        sums = sums[:-1] * np.uint32(0x01000193) + letters[length - 1 :] * np.uint32(0x85EBCA6B)
        if length >= SHORTEST:
            found.append(sums + np.uint32(length))
    values = _mixed(np.concatenate(found))
    values >>= np.uint32(32 - bits)
    return values


def _mixed(values: Indexes) -> Indexes:
    values ^= values >> np.uint32(16)
    values *= np.uint32(0x7FEB352D)
    values ^= values >> np.uint32(15)
    values *= np.uint32(0x846CA68B)
    values ^= values >> np.uint32(16)
    return values


def _sum(weights: Weights, indexes: Indexes) -> float:
    # By the root of the length: a long text weighs more than a short one, and not in proportion.
    return float(weights.take(indexes).sum(dtype=np.float64) / np.sqrt(len(indexes))) if len(indexes) else 0.0


@cache
def shipped() -> Model:
    """The model that the package ships."""
    return unpacked(FILE.read_bytes())


def packed(model: Model) -> bytes:
    """A model as the bytes of its file: a line of JSON and the weights in eight bits each, compressed."""
    title, title_step = _in_steps(model.title)
    body, body_step = _in_steps(model.body)
    head: dict[str, Any] = {
        "constant": round(model.constant, 6), "title_step": title_step, "body_step": body_step, "inputs": model.inputs,
    }  # fmt: skip
    return zlib.compress(json.dumps(head, sort_keys=True).encode() + b"\n" + title + body, 9)


def unpacked(content: bytes) -> Model:
    """The model in the bytes of a file. Raises ValueError where they are not one of these sizes."""
    head_line, _, weights = zlib.decompress(content).partition(b"\n")
    head = json.loads(head_line)
    if len(weights) != (1 << TITLE_BITS) + (1 << BODY_BITS):
        raise ValueError(f"{len(weights)} weights; expected {(1 << TITLE_BITS) + (1 << BODY_BITS)}")
    steps = np.frombuffer(weights, dtype=np.int8).astype(np.float32)
    border = 1 << TITLE_BITS
    return Model(
        steps[:border] * np.float32(head["title_step"]),
        steps[border:] * np.float32(head["body_step"]),
        head["constant"],
        head["inputs"],
    )


def _in_steps(weights: Weights) -> tuple[bytes, float]:
    step = float(np.abs(weights).max() / 127) or 1.0
    return np.rint(weights / step).astype(np.int8).tobytes(), round(step, 10)
