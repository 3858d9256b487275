"""Digits and signs of dates in one spelling, each in its place: a position in the result is one in the text."""

from __future__ import annotations

_SIGNS = {
    "：": ":", "（": "(", "）": ")", "／": "/", "．": ".", "－": "-", "～": "~", "〜": "~", "，": ",", "＋": "+",
    "–": "-", "—": "-", "−": "-", "‑": "-", "‐": "-", "’": "'", "‘": "'", "′": "'", "｜": "|", "＠": "@",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u3000": " ", "∶": ":", "、": ",",
}  # fmt: skip
_DIGITS = {chr(0xFF10 + digit): str(digit) for digit in range(10)} | {
    chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0, 0x0966, 0x0E50) for digit in range(10)
}
_LETTERS = {chr(0xFF21 + place): chr(65 + place) for place in range(26)} | {
    chr(0xFF41 + place): chr(97 + place) for place in range(26)
}
_SPELLINGS = str.maketrans({**_SIGNS, **_DIGITS, **_LETTERS})


def plain(text: str) -> str:
    """A text of equal length with plain digits, letters and signs."""
    return text if text.isascii() else text.translate(_SPELLINGS)
