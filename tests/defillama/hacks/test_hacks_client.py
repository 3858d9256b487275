"""Rows of DeFiLlama's hacks: what the API and the site really send, and what they must not be taken for."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defillama.hacks.client import HackRow, build_id, parse_hacks
from events.upstream.errors import ChallengePage, SchemaDrift, UpstreamError
from tests.defillama.hacks.support import ago, captured_rows, payload_of
from tests.upstreams.defillama_hacks import hack_row, site_row


def one(**changes: Any) -> HackRow:
    (row,) = parse_hacks(payload_of([hack_row("Aave V3", ago(1)) | changes])).rows
    return row


def test_every_captured_row_is_read_with_names_on_one_line_and_nine_amounts_and_a_zero_unknown() -> None:
    listed = parse_hacks(payload_of(captured_rows()))
    assert len(listed.rows) == 538 and not listed.unreadable
    assert all(row.name == " ".join(row.name.split()) for row in listed.rows)
    assert sum(row.amount_usd is None for row in listed.rows) == 10
    assert sum(row.bridge_hack for row in listed.rows) == 42


def test_the_rows_of_september_with_identifiers_as_text_are_read() -> None:
    rows = parse_hacks(payload_of(captured_rows("hacks_2026-09_string_ids.json"))).rows
    assert [(row.name, row.amount_usd, row.identifiers) for row in rows] == [
        ("Balancer V1", 234_000, ("116", "parent#balancer")),
        ("Notional V2", 1_727_782, ("234", "parent#notional")),
    ]


@pytest.mark.parametrize("identifier", [116, "116"])
def test_an_identifier_is_the_same_as_number_and_as_text(identifier: object) -> None:
    assert one(defillamaId=identifier).identifiers == ("116",)


@pytest.mark.parametrize("amount", [None, 0, 0.0])
def test_null_and_zero_are_an_unknown_amount(amount: object) -> None:
    row = one(amount=amount)
    assert row.amount_usd is None and row.doubtful_amount is None


def test_the_site_gives_the_same_rows_but_for_identifiers_and_returned_funds() -> None:
    rows = captured_rows()
    listed = parse_hacks(payload_of({"pageProps": {"data": [site_row(row) for row in rows]}}))
    assert listed.from_site
    for ours, theirs in zip(listed.rows, parse_hacks(payload_of(rows)).rows, strict=True):
        for field in ("name", "day", "amount_usd", "technique", "chains", "bridge_hack", "target_type"):
            assert getattr(ours, field) == getattr(theirs, field)


@pytest.mark.parametrize("unit", [1e6, 1e3, 1e9, 1e-6])
def test_amounts_in_another_unit_are_drift(unit: float) -> None:
    rows = [row | {"amount": row["amount"] and row["amount"] / unit} for row in captured_rows()]
    with pytest.raises(SchemaDrift, match="US dollars"):
        parse_hacks(payload_of(rows))
    with pytest.raises(SchemaDrift, match="US dollars"):
        parse_hacks(payload_of({"pageProps": {"data": [site_row(row) for row in rows]}}))


def test_amounts_in_millions_are_drift_in_a_list_of_three_too() -> None:
    rows = [hack_row(f"P{number}", ago(number)) | {"amount": 1.5 * number} for number in (1, 2, 3)]
    with pytest.raises(SchemaDrift, match="US dollars"):
        parse_hacks(payload_of(rows))


def test_one_amount_that_can_be_none_in_dollars_is_unknown_and_kept() -> None:
    rows = [hack_row("A", ago(1), 40_000_000), hack_row("B", ago(1)) | {"amount": 12.5}]
    _, row = parse_hacks(payload_of(rows)).rows
    assert (row.amount_usd, row.doubtful_amount) == (None, 12.5)


def test_no_beginning_of_the_captured_list_is_taken_for_another_unit() -> None:
    rows = sorted(captured_rows(), key=lambda row: row["date"])
    for count in (*range(1, 60), 100, 200, 400, 538):
        assert len(parse_hacks(payload_of(rows[:count])).rows) == count


@pytest.mark.parametrize("answer", [[], {}, None, "x", {"pageProps": {}}, {"pageProps": {"data": []}}, {"error": "x"}])
def test_an_empty_list_or_another_shape_is_drift_and_never_no_news(answer: object) -> None:
    with pytest.raises(SchemaDrift):
        parse_hacks(payload_of(answer))


def test_a_challenge_page_is_told_as_one() -> None:
    with pytest.raises(ChallengePage):
        parse_hacks(payload_of(b"<!DOCTYPE html><html><title>One moment</title></html>"))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"name": " \n"},
        {"name": "a\0b"},
        {"name": "\ud800"},
        {"date": None},
        {"date": 1_711_065_600_000},
        {"date": "yesterday"},
        {"date": True},
        {"amount": "many"},
        {"amount": -1},
        {"amount": 10**400},
        {"chain": "Ethereum"},
        {"chain": [None]},
        {"bridgeHack": "no"},
        {"technique": 7},
    ],
)
def test_one_bad_row_is_put_aside_with_its_reason_and_the_rest_goes_on(changes: dict[str, Any]) -> None:
    rows = [hack_row(f"P{number}", ago(number)) for number in range(1, 11)]
    listed = parse_hacks(payload_of([*rows, hack_row("Bad", ago(1)) | changes]))
    assert len(listed.rows) == 10
    (bad,) = listed.unreadable
    assert "expected" in bad.error or "surrogate" in bad.error


def test_more_than_a_tenth_of_bad_rows_is_drift() -> None:
    rows = [hack_row(f"P{number}", ago(number)) for number in range(1, 9)]
    with pytest.raises(SchemaDrift, match="date was"):
        parse_hacks(payload_of([*rows, {"name": "Bad"}]))


def test_a_list_of_bridge_hacks_takes_its_own_word_for_rows_that_do_not_say() -> None:
    silent = {name: value for name, value in hack_row("Silent", ago(1)).items() if name != "bridgeHack"}
    rows = [silent, hack_row("No bridge", ago(1)), hack_row("Bridge", ago(1), bridgeHack=True)]
    assert [row.name for row in parse_hacks(payload_of(rows), bridges_only=True).rows] == ["Silent", "Bridge"]
    assert [row.bridge_hack for row in parse_hacks(payload_of(rows)).rows] == [False, False, True]


@pytest.mark.parametrize(
    "page",
    [
        b'<script id="__NEXT_DATA__" type="application/json">{"props":{},"buildId":"aB3_x-9"}</script>',
        b'<script src="/_next/static/aB3_x-9/_buildManifest.js" defer=""></script>',
    ],
)
def test_the_build_id_is_read_from_the_state_or_the_manifest(page: bytes) -> None:
    assert build_id(payload_of(page)) == "aB3_x-9"


def test_a_page_without_a_build_id_is_drift() -> None:
    with pytest.raises(SchemaDrift, match="buildId"):
        build_id(payload_of(b"<!DOCTYPE html><html><body>maintenance</body></html>"))


def _mutated(row: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    return {**row, path: value}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    field=st.sampled_from(sorted(hack_row("x", 0))),
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    ),
)
def test_whatever_a_field_holds_parsing_ends_in_rows_or_an_upstream_error(field: str, value: object) -> None:
    row = _mutated(hack_row("Aave V3", ago(1)), field, value)
    try:
        listed = parse_hacks(payload_of([row]))
    except UpstreamError:
        return
    for parsed in listed.rows:
        assert parsed.name and (parsed.amount_usd is None or parsed.amount_usd >= 1000)
        json.dumps(parsed.name).encode()


def test_the_order_of_rows_does_not_change_what_is_read() -> None:
    rows = captured_rows()
    shuffled = random.Random(1).sample(rows, len(rows))
    assert set(parse_hacks(payload_of(rows)).rows) == set(parse_hacks(payload_of(shuffled)).rows)


def test_a_field_of_later_changes_nothing_and_a_fault_names_its_path() -> None:
    rows = [hack_row(f"P{number}", ago(number)) for number in range(1, 11)]
    assert one(severity={"level": 3}, chains=7) == one()
    (bad,) = parse_hacks(payload_of([*rows, hack_row("Bad", ago(1)) | {"chain": ["Ethereum", 5]}])).unreadable
    assert bad.error.startswith("chain[1] was 5, expected")
