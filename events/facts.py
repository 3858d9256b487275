"""The facts of an event by kind: what `EventDraft.facts` and `Event.facts` (JSON) contain, and detection reads back.

The keys are stored in the database and shown on cards: they never change. A key may be absent: an earlier release or an
admin wrote the row without it. Times are ISO 8601 in UTC. What only people read may be added to any kind. A new key
needs its words in `alerts.rendering.cards.facts`, or the reason why cards leave it out.
Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, TypeVar, cast

Kind = TypeVar("Kind")


class InstrumentFact(TypedDict, total=False):
    """What an instrument list shows of one instrument.

    since: when it was first seen stopped; None while it trades. ends_at: the end of trading that the list gives.
    converted: its exchange made a dated contract of a perpetual one. announced: when the announcement has it end.
    resumed_at: when it was seen trading again.
    """

    status: str
    since: str | None
    ends_at: str | None
    converted: bool
    announced: str | None
    resumed_at: str


class TagFact(TypedDict, total=False):
    """A monitoring tag that the product list shows on a token, since when, and when it was removed."""

    tag: str
    since: str
    removed_at: str


class RelistedFact(TypedDict):
    """The ticker that trades again on a venue which the coin had left, and when that was seen."""

    ticker: str
    at: str


class ListFacts(TypedDict, total=False):
    """What the lists of an exchange showed of an event's instruments (`exchanges.corroboration`).

    instruments: by ticker. tags: by token. relisted: by VENUE:token. status, told_by: for the card of an event that a
    list opened.
    """

    instruments: dict[str, InstrumentFact]
    tags: dict[str, TagFact]
    relisted: dict[str, RelistedFact]
    status: str
    tag: str
    told_by: str


class AnnouncementFacts(ListFacts, total=False):
    """What the reader found in an exchange's announcement, and the notices that followed it.

    rule, phase, market, networks: as in `exchanges.announcements.ParsedNotice`. lifted: tokens that lose a tag.
    tokens, tickers: named in the notice, without venue; a follow-up is matched by them. body_read: off where only the
    title was read. follow_up, follow_up_url: title and address of the latest follow-up. follow_ups: ids of all of them,
    oldest first.
    """

    rule: str
    phase: str | None
    market: str | None
    tokens: list[str]
    tickers: list[str]
    networks: list[str]
    lifted: list[str]
    body_read: bool
    follow_up: str
    follow_up_url: str
    follow_ups: list[str]


class HaltFacts(TypedDict, total=False):
    """A halt of a whole exchange, or a planned maintenance.

    signals: sources that report the halt (`list:VENUE`, `system status`); the event closes when none is left.
    said, service: title and service of the maintenance, as the exchange lists them. For people there is besides one key
    `halted on VENUE` for each venue, with the share of its instruments.
    """

    signals: list[str]
    said: str
    service: str


class DepegFacts(TypedDict, total=False):
    """A stablecoin off its peg. Prices in USD, deviations as signed fractions of the peg.

    track: the state of the episode, `defillama.stablecoins.track.PegTrack` as JSON; read back after a restart.
    """

    coin: str
    defillama_id: str
    peg_known_from: str
    supply: float
    pair: str
    bid: float
    ask: float
    quote_in_dollars: float
    price: float
    peg: float
    currency: str
    deviation: float
    worst_deviation: float
    worst_price: float
    off_peg_since: str
    duration_minutes: float
    confirmed: bool
    readings: int
    supply_change_day: float
    namesake_of: str
    track: dict[str, Any]


class SupplyRunFacts(TypedDict, total=False):
    """A redemption run on a stablecoin. Supplies in units of its currency, changes as signed fractions.

    run: the state of the run, `defillama.stablecoins.supply_run.SupplyRun` as JSON; read back after a restart.
    """

    coin: str
    defillama_id: str
    supply: float | None
    supply_day_ago: float | None
    supply_change_day: float
    worst_supply_change_day: float
    run: dict[str, Any]


class HackedPart(TypedDict):
    """One row of a hack, as DeFiLlama lists it."""

    technique: str
    classification: str
    amount_usd: int | None


class HackFacts(TypedDict, total=False):
    """A hack. Amounts in whole USD; `amount` and `networks` are the texts for people.

    own_tokens: of the hacked protocol. network_coins_hit: coins of networks whose chain or bridge was hit.
    amount_complete: off where a row has no amount. doubtful_amounts: amounts too large to be true.
    """

    amount: str
    technique: str
    networks: str
    day: str
    classification: str
    target: str
    amount_usd: int | None
    amount_complete: bool
    returned_usd: int | None
    doubtful_amounts: list[float]
    bridge_hack: bool
    chains: list[str]
    techniques: list[HackedPart]
    own_tokens: list[str]
    network_coins_hit: list[str]
    unknown_chains: list[str]


class LastAlert(TypedDict):
    """The price (USD) and the signed logarithm of the move at the last alert, and when that was."""

    price: float
    log_move: float
    at: str


class VolatilityFacts(TypedDict, total=False):
    """A price that left its windows. move: signed fraction. price, extreme: USD. last_alert: read back."""

    direction: str
    move: float
    windows: list[str]
    price: float
    extreme: float
    pair: str
    last_alert: LastAlert


class LiquidityFacts(TypedDict, total=False):
    """Depth of a token within ±2 % on its best market, in USD."""

    depth_usd: float
    market: str
    volume_24h_usd: float | None
    depth_up_usd: float
    depth_down_usd: float
    lowest_depth_usd: float | None
    threshold_usd: float


class DepthDropFacts(TypedDict, total=False):
    """Depth of a pair within ±1 %, in its quote currency. told_depth: at the last alert; read back."""

    depth: float
    median_24h: float
    percent_of_median: float
    told_depth: float
    quote: str
    pair: str


class FollowedFact(TypedDict):
    """What n earlier cases on so many days were followed by within the hour.

    share: of them by a move of the coin's largest hundredth. size: mean move without its sign, move: with it; as shares
    of the price, each with its 95 % interval by days (empty: unknown).
    """

    n: int
    days: int
    share: float
    size: float
    size_interval: list[float]
    move: float
    move_interval: list[float]


class VolumeFacts(TypedDict, total=False):
    """Unusual volume of a pair, of a venue's whole market, or what was over the budget of a day.

    surprise, threshold: in spreads. volume_times: the volume of five minutes, in means of 28 days. share_bought: of it.
    move_hour: relative, over the hour before. market: the venue, where the whole of it is meant. over_budget: a line
    for each, of the digest of a day.
    """

    pair: str
    quote: str
    surprise: float
    threshold: float
    measured_at: str
    price: float
    move_hour: float
    volume_times: float
    share_bought: float
    followed: FollowedFact
    market: str
    over_budget: list[str]


class WhaleFacts(TypedDict, total=False):
    """Large orders on one side of a pair. price, value in its quote currency; score as in `orderbooks.books`.

    what: why it is reported. since: when the order was placed. standing_now: large orders on this side.
    """

    pair: str
    side: str
    quote: str
    possible_spoofs: int
    price: float
    size: float
    value: float
    score: float
    distance_percent: float
    what: str
    since: str
    standing_now: int


def facts_as(kind: type[Kind], facts: Mapping[str, Any]) -> Kind:
    """The stored facts of an event as those of a kind: no copy and no check, keys may be absent."""
    return cast(Kind, facts)
