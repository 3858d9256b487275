"""Classifies the stablecoins of a snapshot and drafts the events of depegs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from defillama.stablecoins.client import Rate, Stablecoin
from defillama.stablecoins.reference import PegReference, copies, peg_reference
from defillama.stablecoins.track import PegTrack, Reading, Step, advance, begin, resumable
from events.drafts import EffectDraft, EventDraft
from events.enums import AlertReason, Category, Priority, Scope
from events.facts import DepegFacts

KIND, GLOBAL = "depeg", "global"
# A coin that is first seen this far above its peg accrues interest in its price: it has no fixed peg.
FLOATS_ABOVE = 0.03
SUPPLY_RUN = 0.1
# A coin with less than this share of the largest supply under its symbol is a namesake: the desk means the largest.
_NAMESAKE_SHARE = 0.1
# An event expires this long after the last reading of its coin.
_SILENT_FOR = timedelta(days=7)


def open_until(at: datetime) -> datetime:
    """The expiry of an event that each reading extends. It moves once a day at most, as bots see each move."""
    return datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC) + _SILENT_FOR


class PegVerdict(StrEnum):
    OFF_PEG = "off_peg"
    ON_PEG = "on_peg"
    NOT_WATCHED = "not_watched"
    RETIRED = "retired"
    YIELD_BEARING = "yield_bearing"
    NO_PRICE = "no_price"
    COPY = "copy"
    PEG_UNKNOWN = "peg_unknown"
    NO_FIXED_PEG = "no_fixed_peg"
    NOT_LISTED = "not_listed"


READ = (PegVerdict.OFF_PEG, PegVerdict.ON_PEG)
# The coin's state is not known now: an open event stays open. Every other verdict but READ closes it.
UNDECIDED = (PegVerdict.NO_PRICE, PegVerdict.COPY, PegVerdict.PEG_UNKNOWN)


@dataclass(frozen=True)
class PegKnowledge:
    """The context of a snapshot.

    threshold: fraction of the peg. watch: symbols, upper case; None: all. fixed_peg: coin id → whether it has a fixed
    peg, for coins seen before.
    """

    threshold: float
    now: datetime
    snapshot: str
    watch: frozenset[str] | None = None
    rates: Mapping[str, Rate] = field(default_factory=dict)
    fixed_peg: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassifiedCoin:
    """A coin of a snapshot with its verdict and the reason. reading: None if its peg or its price is not known."""

    coin: Stablecoin
    verdict: PegVerdict
    reason: str
    reading: Reading | None = None
    reference: PegReference | None = None
    namesake_of: str = ""


def classify_coins(coins: Sequence[Stablecoin], known: PegKnowledge) -> Sequence[ClassifiedCoin]:
    """Every coin of a snapshot, classified, in the order of `coins`."""
    copied = copies(coins)
    independent = [
        coin
        for coin in coins
        if coin.price is not None
        and not coin.retired
        and not coin.yield_bearing
        and coin.coin_id not in copied
        and known.fixed_peg.get(coin.coin_id, True)
    ]
    largest = largest_by_symbol(coins)
    return [_classify(coin, copied, independent, largest.get(coin.symbol.upper()), known) for coin in coins]


def largest_by_symbol(coins: Iterable[Stablecoin]) -> Mapping[str, Stablecoin]:
    """Symbol, upper case → the coin with the largest supply, which the symbol usually means."""
    largest: dict[str, Stablecoin] = {}
    for coin in coins:
        rival = largest.get(coin.symbol.upper())
        if not coin.retired and (rival is None or _size(coin) > _size(rival)):
            largest[coin.symbol.upper()] = coin
    return largest


def _size(coin: Stablecoin) -> float:
    """The supply; the one of a day ago if the snapshot lacks the present one."""
    return coin.supply or coin.supply_day_ago or 0.0


def is_namesake(coin: Stablecoin, largest: Stablecoin | None) -> bool:
    """Whether the symbol means another, much larger coin."""
    return largest is not None and _size(coin) < _NAMESAKE_SHARE * _size(largest)


def _classify(
    coin: Stablecoin,
    copied: Mapping[str, Stablecoin],
    independent: Sequence[Stablecoin],
    largest: Stablecoin | None,
    known: PegKnowledge,
) -> ClassifiedCoin:
    if coin.retired:
        return ClassifiedCoin(coin, PegVerdict.RETIRED, f"DeFiLlama says {coin.retired}")
    if coin.yield_bearing:
        return ClassifiedCoin(coin, PegVerdict.YIELD_BEARING, "it bears yield in its price")
    if coin.price is None:
        return ClassifiedCoin(coin, PegVerdict.NO_PRICE, "it has no price")
    if coin.coin_id in copied:
        original = copied[coin.coin_id]
        reason = f"its price is that of {original.symbol} ({original.coin_id}) in all digits"
        return ClassifiedCoin(coin, PegVerdict.COPY, reason)
    reference = peg_reference(coin, independent, known.rates, known.now)
    if reference is None:
        return ClassifiedCoin(coin, PegVerdict.PEG_UNKNOWN, f"what {coin.currency} is worth is not known")
    reading = Reading(coin.price, reference.dollars, known.now, known.snapshot)
    side = "above" if reading.deviation > 0 else "below" if reading.deviation < 0 else "from"
    off_by = f"{abs(reading.deviation):.2%} {side} {reference.known_from}"
    if not known.fixed_peg.get(coin.coin_id, reading.deviation <= FLOATS_ABOVE):
        return ClassifiedCoin(coin, PegVerdict.NO_FIXED_PEG, f"it has no fixed peg: {off_by}", reading, reference)
    if known.watch is not None and coin.symbol.upper() not in known.watch:
        return ClassifiedCoin(coin, PegVerdict.NOT_WATCHED, "it is not on the watch list", reading, reference)
    verdict = PegVerdict.OFF_PEG if abs(reading.deviation) > known.threshold else PegVerdict.ON_PEG
    namesake_of = largest.coin_id if largest and is_namesake(coin, largest) else ""
    return ClassifiedCoin(coin, verdict, off_by, reading, reference, namesake_of)


@dataclass(frozen=True)
class Subject:
    """A coin on a venue, with what its events need.

    source, url: of the event. namesake_of: the id of the coin that the symbol usually means, if that is another one.
    token: the asset that the symbol means, if its name differs.
    """

    venue: str
    coin: str
    symbol: str
    currency: str
    source: str
    url: str = ""
    tickers: tuple[str, ...] = ()
    namesake_of: str = ""
    facts: DepegFacts = field(default_factory=DepegFacts)
    token: str = ""

    @property
    def key(self) -> str:
        return depeg_key(self.venue, self.coin)


def depeg_key(venue: str, coin: str) -> str:
    """The natural key of a depeg. coin: DeFiLlama's id, as symbols are not unique; on an exchange the symbol."""
    return f"depeg:{venue}:{coin}"


def global_subject(found: ClassifiedCoin, site: str, tickers: Iterable[str] = ()) -> Subject:
    """The subject of a coin in DeFiLlama's list. site: prefix of DeFiLlama's pages."""
    coin = found.coin
    facts: DepegFacts = {"coin": coin.name, "defillama_id": coin.coin_id}
    if found.reference is not None:
        facts["peg_known_from"] = found.reference.known_from
    if coin.supply is not None:
        facts["supply"] = coin.supply
    return Subject(
        venue=GLOBAL,
        coin=coin.coin_id,
        symbol=coin.symbol,
        currency=coin.currency,
        source="defillama",
        url=page_url(site, coin),
        tickers=tuple(tickers),
        namesake_of=found.namesake_of,
        facts=facts,
    )


def page_url(site: str, coin: Stablecoin) -> str:
    """DeFiLlama's page of a coin; `site` is the prefix of its pages."""
    return f"{site.rstrip('/')}/stablecoin/{_slug(coin.name)}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.+-]", "", name.lower().replace(" ", "-"))


def supply_change(coin: Stablecoin) -> float | None:
    """Signed fraction by which the supply changed in a day.

    None for a coin without a supply a day ago, which is new, and for one without a supply now, which is not reported.
    """
    if coin.supply is None or coin.supply_day_ago is None:
        return None
    return round((coin.supply + coin.lost_chains) / coin.supply_day_ago - 1, 6)


def follow(
    subject: Subject,
    reading: Reading,
    threshold: float,
    track: PegTrack | None,
    earlier: PegTrack | None = None,
    supply: float | None = None,
) -> tuple[EventDraft, ...]:
    """The drafts that follow from a reading of a coin: none, an update, or an update and a close.

    track: of the coin's open event. earlier: of its last closed event, if none is open. supply: the change in a day,
    signed fraction.
    """
    step = begin(reading, threshold, earlier) if track is None else advance(track, reading, threshold)
    if step is None or step.track is track:
        return ()
    step = _with_supply(step, supply)
    resumed = track is None and earlier is not None and resumable(earlier, reading.at)
    draft = _draft(subject, reading, step, supply, "resume" if resumed else "always")
    if not step.track.over:
        return (draft,)
    inside = f"three readings inside {threshold / 2:.2%} of the peg"
    return (draft, closing(subject.key, subject.source, draft.title, inside, alerted=bool(step.track.side)))


def _with_supply(step: Step, supply: float | None) -> Step:
    """The step with a redemption run in its title: the run is part of the next alert, or an update after the first."""
    if supply is None or supply > -SUPPLY_RUN or step.track.title_supply is not None:
        return step
    if not step.track.side or step.track.over:
        return step
    return Step(replace(step.track, title_supply=supply), step.alert or AlertReason.UPDATED.value)


def closing(key: str, source: str, title: str, reason: str, alerted: bool, retracted: bool = False) -> EventDraft:
    """A draft that closes an event; quiet if it never alerted. retracted: the source has dropped its row."""
    return EventDraft(
        source=source,
        category=Category.DEPEG,
        natural_key=key,
        title=title,
        effects=(),
        state="closed",
        close_reason=reason,
        quiet=not alerted,
        retracted=retracted,
    )


def _draft(subject: Subject, reading: Reading, step: Step, supply: float | None, reopen: str) -> EventDraft:
    track = step.track
    facts: DepegFacts = {
        "price": reading.price,
        "peg": reading.peg,
        "currency": subject.currency,
        "deviation": reading.deviation,
        "worst_deviation": track.worst,
        "worst_price": track.worst_price,
        "off_peg_since": track.since.isoformat(),
        "duration_minutes": round((track.last_beyond_at - track.since) / timedelta(minutes=1), 1),
        "confirmed": track.confirmed,
        "readings": track.readings,
        **subject.facts,
    }
    if supply is not None:
        facts["supply_change_day"] = supply
    if subject.namesake_of:
        facts["namesake_of"] = subject.namesake_of
    facts["track"] = track.as_json()
    everywhere = subject.venue == GLOBAL
    return EventDraft(
        source=subject.source,
        category=Category.DEPEG,
        natural_key=subject.key,
        title=_title(subject, track),
        kind=KIND,
        priority=Priority.LOW if subject.namesake_of else Priority.HIGH,
        url=subject.url,
        valid_until=open_until(reading.at),
        facts=facts,
        extra={
            "coin": subject.coin,
            "symbol": subject.symbol,
            "on_venue": subject.venue,
            "currency": subject.currency,
        },
        effects=(
            EffectDraft(
                token=subject.token or subject.symbol.upper(),
                scope=Scope.ASSET if everywhere else Scope.VENUE,
                venue="" if everywhere else subject.venue,
                tickers=subject.tickers,
                stage=track.stage,
            ),
        ),
        alert=step.alert,
        quiet=step.alert is None,
        seen_at=reading.at,
        reopen=reopen,
    )


def _title(subject: Subject, track: PegTrack) -> str:
    """The title. It changes with alerts only; what moves in between is in the facts."""
    where = "" if subject.venue == GLOBAL else f" on {subject.venue}"
    name = subject.symbol + where
    if track.over:
        return f"{name} is back at its peg (worst: {_deviation_text(track.worst)})"
    sentence = f"{name} is {_deviation_text(track.title_deviation)} its peg, at {_dollars(track.title_price)} USD"
    if not track.side:
        sentence += ", not confirmed"
    if track.title_supply is not None:
        sentence += f"; its supply fell by {-track.title_supply:.0%} in a day"
    return sentence


def _deviation_text(deviation: float) -> str:
    return f"{abs(deviation) * 100:.1f} % {'above' if deviation > 0 else 'below'}"


def _dollars(price: float) -> str:
    return f"{price:.4f}" if price >= 0.1 else f"{price:.4g}"
