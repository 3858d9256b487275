"""Which stablecoins are off their peg, and the events of that. Pure: no network, clock, settings or database."""

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

KIND, GLOBAL = "depeg", "global"
# A coin that is first met this far above its peg earns interest in its price: it has no fixed peg.
FLOATS_ABOVE = 0.03
SUPPLY_RUN = 0.1
# Of two coins with one symbol, the desk means the large one.
_NAMESAKE_SHARE = 0.1
# Coins that vanish from their source do not stay off-peg for ever.
_SILENT_FOR = timedelta(days=7)


def open_until(at: datetime) -> datetime:
    """The expiry of what is read again and again. Moved once a day at most: each move of it is news to the bots."""
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
# Says nothing of the coin now, so that an open event stays; the other verdicts end it.
NO_NEWS = (PegVerdict.NO_PRICE, PegVerdict.COPY, PegVerdict.PEG_UNKNOWN)


@dataclass(frozen=True)
class PegKnowledge:
    """What is known when a snapshot is judged.

    watch: symbols, upper case; None: every one. fixed_peg: coin id → whether it has one, of coins seen before.
    threshold: fraction of the peg.
    """

    threshold: float
    now: datetime
    snapshot: str
    watch: frozenset[str] | None = None
    rates: Mapping[str, Rate] = field(default_factory=dict)
    fixed_peg: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Judgement:
    """What a snapshot says of one coin. `reading` is None where it says nothing of its peg."""

    coin: Stablecoin
    verdict: PegVerdict
    reason: str
    reading: Reading | None = None
    reference: PegReference | None = None
    namesake_of: str = ""


def judge(coins: Sequence[Stablecoin], known: PegKnowledge) -> Sequence[Judgement]:
    """Every coin of a snapshot with its verdict and the reason for it."""
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
    return [_judge(coin, copied, independent, largest.get(coin.symbol.upper()), known) for coin in coins]


def largest_by_symbol(coins: Iterable[Stablecoin]) -> Mapping[str, Stablecoin]:
    """Symbol, upper case → the coin that is usually meant by it."""
    largest: dict[str, Stablecoin] = {}
    for coin in coins:
        rival = largest.get(coin.symbol.upper())
        if not coin.retired and (rival is None or _size(coin) > _size(rival)):
            largest[coin.symbol.upper()] = coin
    return largest


def _size(coin: Stablecoin) -> float:
    """Its supply; a day ago's where a snapshot lacks the present one."""
    return coin.supply or coin.supply_day_ago or 0.0


def is_namesake(coin: Stablecoin, largest: Stablecoin | None) -> bool:
    """Whether another coin is so much larger that the symbol means that one."""
    return largest is not None and _size(coin) < _NAMESAKE_SHARE * _size(largest)


def _judge(
    coin: Stablecoin,
    copied: Mapping[str, Stablecoin],
    independent: Sequence[Stablecoin],
    largest: Stablecoin | None,
    known: PegKnowledge,
) -> Judgement:
    if coin.retired:
        return Judgement(coin, PegVerdict.RETIRED, f"DeFiLlama says {coin.retired}")
    if coin.yield_bearing:
        return Judgement(coin, PegVerdict.YIELD_BEARING, "it bears yield in its price")
    if coin.price is None:
        return Judgement(coin, PegVerdict.NO_PRICE, "it has no price")
    if coin.coin_id in copied:
        original = copied[coin.coin_id]
        reason = f"its price is that of {original.symbol} ({original.coin_id}) in all digits"
        return Judgement(coin, PegVerdict.COPY, reason)
    reference = peg_reference(coin, independent, known.rates, known.now)
    if reference is None:
        return Judgement(coin, PegVerdict.PEG_UNKNOWN, f"what {coin.currency} is worth is not known")
    reading = Reading(coin.price, reference.dollars, known.now, known.snapshot)
    side = "above" if reading.deviation > 0 else "below" if reading.deviation < 0 else "from"
    away = f"{abs(reading.deviation):.2%} {side} {reference.known_from}"
    if not known.fixed_peg.get(coin.coin_id, reading.deviation <= FLOATS_ABOVE):
        return Judgement(coin, PegVerdict.NO_FIXED_PEG, f"it has no fixed peg: {away}", reading, reference)
    if known.watch is not None and coin.symbol.upper() not in known.watch:
        return Judgement(coin, PegVerdict.NOT_WATCHED, "it is not on the watch list", reading, reference)
    verdict = PegVerdict.OFF_PEG if abs(reading.deviation) > known.threshold else PegVerdict.ON_PEG
    namesake_of = largest.coin_id if largest and is_namesake(coin, largest) else ""
    return Judgement(coin, verdict, away, reading, reference, namesake_of)


@dataclass(frozen=True)
class Subject:
    """A coin on a venue, as its events name it.

    source, url: of the event. namesake_of: the id of the coin that its symbol usually means, else empty. token: the
    asset that the symbol means, where that is another name.
    """

    venue: str
    coin: str
    symbol: str
    currency: str
    source: str
    url: str = ""
    tickers: tuple[str, ...] = ()
    namesake_of: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    token: str = ""

    @property
    def key(self) -> str:
        return depeg_key(self.venue, self.coin)


def depeg_key(venue: str, coin: str) -> str:
    """The natural key of a depeg: symbols collide, DeFiLlama's ids do not."""
    return f"depeg:{venue}:{coin}"


def global_subject(judgement: Judgement, site: str, tickers: Iterable[str] = ()) -> Subject:
    """site: prefix of DeFiLlama's pages."""
    coin = judgement.coin
    facts: dict[str, object] = {"coin": coin.name, "defillama_id": coin.coin_id}
    if judgement.reference is not None:
        facts["peg_known_from"] = judgement.reference.known_from
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
        namesake_of=judgement.namesake_of,
        facts=facts,
    )


def page_url(site: str, coin: Stablecoin) -> str:
    """DeFiLlama's page of a coin; `site` is the prefix of its pages."""
    return f"{site.rstrip('/')}/stablecoin/{_slug(coin.name)}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.+-]", "", name.lower().replace(" ", "-"))


def supply_change(coin: Stablecoin) -> float | None:
    """Signed fraction by which the supply changed in a day, None where it is not known.

    A coin without a supply a day ago is new, and one without a supply now is not reported.
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
    """The drafts that a reading of a coin gives: none, an update, or an update and a close.

    track: of its open event; earlier: of the one closed last, where none is open. supply: its change in a day, signed
    fraction.
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
    return (draft, closing(subject.key, subject.source, draft.title, inside, told=bool(step.track.side)))


def _with_supply(step: Step, supply: float | None) -> Step:
    """A redemption run is said with the next alert, or by an update of its own where the event was told already."""
    if supply is None or supply > -SUPPLY_RUN or step.track.said_supply is not None:
        return step
    if not step.track.side or step.track.over:
        return step
    return Step(replace(step.track, said_supply=supply), step.alert or AlertReason.UPDATED.value)


def closing(key: str, source: str, title: str, reason: str, told: bool, retracted: bool = False) -> EventDraft:
    """Closes the event of a key; nobody hears of the end of what nobody heard of. retracted: its row is gone."""
    return EventDraft(
        source=source,
        category=Category.DEPEG,
        natural_key=key,
        title=title,
        effects=(),
        state="closed",
        close_reason=reason,
        quiet=not told,
        retracted=retracted,
    )


def _draft(subject: Subject, reading: Reading, step: Step, supply: float | None, reopen: str) -> EventDraft:
    track = step.track
    facts: dict[str, object] = {
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
        facts={**facts, "track": track.as_json()},
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
    """It changes with alerts only: what moves between them is in the facts."""
    where = "" if subject.venue == GLOBAL else f" on {subject.venue}"
    name = subject.symbol + where
    if track.over:
        return f"{name} is back at its peg (worst: {_away(track.worst)})"
    sentence = f"{name} is {_away(track.said_deviation)} its peg, at {_dollars(track.said_price)} USD"
    if not track.side:
        sentence += ", not confirmed"
    if track.said_supply is not None:
        sentence += f"; its supply fell by {-track.said_supply:.0%} in a day"
    return sentence


def _away(deviation: float) -> str:
    return f"{abs(deviation) * 100:.1f} % {'above' if deviation > 0 else 'below'}"


def _dollars(price: float) -> str:
    return f"{price:.4f}" if price >= 0.1 else f"{price:.4g}"
