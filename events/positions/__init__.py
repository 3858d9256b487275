"""Positions of the desk: what it holds where, and which of it an event touches.

Exposure is said on cards and sorts lists. It decides nothing: no lifecycle, no policy and no suppression may import
this package (import-linter holds it), so that a wrong book makes nobody braver.
"""
