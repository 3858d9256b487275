"""Ways around the gate, each tried by the test."""

from __future__ import annotations
