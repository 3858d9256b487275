"""`TokenRiskGuard`: stands in front of a freqtrade strategy's hooks, whoever wrote them and wherever.

What freqtrade 2026.9 does, and this rests on (its `freqtradebot.py` and `strategy/`):

- A hook is looked up on the strategy object each time. So whatever is found under its name is wrapped as it is looked
  up: a method of the strategy, of a class below or a mixin beside it, and what was assigned to the class or the object.
- An exception in `confirm_trade_entry` is a yes there; here it is a no.
- `confirm_trade_entry` is not asked when a position is added to by `/forceenter`, nor when an order is placed again.
  Every entry passes `wallets.validate_stake_amount`, though, so the guard stands there as well.
- An exception in `bot_start` stops the bot, and nothing else that a strategy does stops it.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from ews_client.answers import Answer
from ews_client.faults import EwsError
from ews_client.freqtrade.judge import Judge, must_exit, why_not
from ews_client.freqtrade.pairlocks import PairLocks
from ews_client.freqtrade.settings import Settings, some_pair, word

logger = logging.getLogger("ews_client.freqtrade")

NOT_TRADING: Final = frozenset({"backtest", "hyperopt", "plot", "util_exchange", "util_no_exchange", "webserver"})
"""Run modes without orders. Whatever else a run mode is, the guard is on."""

EXIT_REASON: Final = "ews"
"""With what the reasons of its exits begin; freqtrade takes 64 characters."""

Hook = Callable[..., Any]


class TokenRiskGuard:
    """Nothing is opened or enlarged that CRYPTO_EWS does not allow, and what must be left is left.

    `class MyStrategy(TokenRiskGuard, IStrategy)`, in any order. Settings (`url`, `token` or `token_file`, `fail`;
    `venue`, `stale_for`, `timeout`, `allow_http`) come from the section `ews` of the bot's configuration, from an
    attribute `ews` of the strategy, or from EWS_URL, EWS_TOKEN, EWS_TOKEN_FILE, EWS_VENUE, EWS_FAIL.

    Raises TypeError when a class is made that would see attributes before the guard does.
    """

    config: Any
    wallets: Any

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        _first_to_look(cls)

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in _AROUND or not (_trades(self) or name == "bot_start"):
            return found
        return _guarded(self, name, found)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "wallets" and _trades(self):
            _stand_before(value, self)


def _first_to_look(kind: type) -> None:
    """Raises TypeError where a class has a `__getattribute__` that hides the guard's."""
    looks = getattr(kind, "__getattribute__", None)
    if looks is not TokenRiskGuard.__getattribute__:
        raise TypeError(
            f"{kind.__qualname__} has a __getattribute__ of {getattr(looks, '__qualname__', looks)}, expected "
            "TokenRiskGuard's: its hooks would not be guarded"
        )


def _trades(strategy: TokenRiskGuard) -> bool:
    """Whether the bot can place orders, paper ones included."""
    config = object.__getattribute__(strategy, "__dict__").get("config")
    mode = config.get("runmode") if isinstance(config, Mapping) else None
    return word(mode) not in NOT_TRADING


def _guarded(strategy: TokenRiskGuard, name: str, hook: Any) -> Hook:
    around, otherwise = _AROUND[name]

    def asked(*given: Any, **named: Any) -> Any:
        if otherwise is _ERRORS:
            return around(strategy, hook, given, named)
        try:
            return around(strategy, hook, given, named)
        except Exception:
            logger.exception("EWS: the guard of %s failed, which counts as no", name)
            return otherwise

    # freqtrade looks at the name: it copies the trade for hooks that a strategy has written, and for those alone.
    return functools.wraps(hook)(asked) if callable(hook) else asked


class _Refused(ValueError):
    """The bot shall not start. A ValueError is logged by freqtrade in one line."""


_JUDGE: Final = "_ews_judge"
_LOCKS: Final = "_ews_locks"
_REFUSED: Final = "_ews_refused"


def _judge(strategy: TokenRiskGuard) -> Judge:
    """The strategy's own; made here where a hook is called before `bot_start`. Raises ValueError."""
    held = object.__getattribute__(strategy, "__dict__")
    if held.get(_REFUSED):
        raise ValueError(held[_REFUSED])
    judge = held.get(_JUDGE)
    if judge is None:
        settings = Settings.chosen(strategy.config, getattr(strategy, "ews", None), os.environ)
        judge = held.setdefault(_JUDGE, Judge(settings))
    return judge


def _called(hook: Any, given: tuple[Any, ...], named: dict[str, Any], name: str, failed: Any) -> Any:
    """What the strategy's own hook answers; `failed` where it raises."""
    try:
        return hook(*given, **named)
    except Exception:
        logger.exception("EWS: the strategy's %s failed, which counts as no", name)
        return failed


def _pair(given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    if "pair" in named:
        return named["pair"]
    trade = named.get("trade", given[0] if given else None)
    return trade if isinstance(trade, str) else getattr(trade, "pair", None)


def _may_open(strategy: TokenRiskGuard, pair: Any, what: str) -> bool:
    """Never raises: what cannot be asked is "no"."""
    try:
        return _judge(strategy).may_open(pair, what)
    except Exception:
        logger.exception("EWS: nothing could be asked about %r, which counts as no", pair)
        return False


# ------------------------------------------------------------------------------------------------- opening, enlarging


def _confirm_trade_entry(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """The strategy's own first: what it denies needs no question, and the answer is as new as can be."""
    if not _called(hook, given, named, "confirm_trade_entry", False):
        return False
    side = named.get("side")
    return _may_open(strategy, _pair(given, named), f"entry ({side})" if side else "entry")


def _adjust_trade_position(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """A stake above zero enlarges the position, and is asked for; one below reduces it, and passes."""
    wanted = _called(hook, given, named, "adjust_trade_position", None)
    stake = wanted[0] if isinstance(wanted, tuple) and wanted else wanted
    if stake is None or stake == () or stake <= 0:
        return wanted
    return wanted if _may_open(strategy, _pair(given, named), "an addition to the position") else None


def _adjust_order_price(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """None takes an entry order back and places none; the present price leaves it as it is. Exits are not touched."""
    if named.get("is_entry", True) is False:
        return hook(*given, **named)
    if not _may_open(strategy, _pair(given, named), "an entry order that waits"):
        return None
    return _called(hook, given, named, "adjust_order_price", named.get("current_order_rate"))


def _check_entry_timeout(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """True cancels an entry order that waits: it would open what may not be opened any more."""
    try:
        answer = _judge(strategy).of_round(_pair(given, named))
        if not answer.may_open:
            _judge(strategy).say(f"an entry order that waits for {answer.asked_symbol}", why_not(answer))
            return True
    except Exception:
        logger.exception("EWS: the guard of check_entry_timeout failed: the order is cancelled")
        return True
    return bool(_called(hook, given, named, "check_entry_timeout", False))


def _stand_before(wallets: Any, strategy: TokenRiskGuard) -> bool:
    """Puts the guard in front of the last function that every entry passes; False: it is not there.

    This happens as soon as the bot gives its wallets to the strategy: a bot takes /forceenter before `bot_start`, which
    may take minutes (a model that is loaded).
    """
    inner = getattr(wallets, "validate_stake_amount", None)
    if not callable(inner):
        return False
    if getattr(inner, "_ews_guards", False):
        return True

    @functools.wraps(inner)
    def validate_stake_amount(*given: Any, **named: Any) -> Any:
        # Without a trade it is a first entry, which confirm_trade_entry judges a moment later.
        in_trade = named["trade_amount"] if "trade_amount" in named else (given[4] if len(given) > 4 else 0)
        pair = named.get("pair", given[0] if given else None)
        if in_trade is not None and not _may_open(strategy, pair, "an entry order"):
            return 0
        return inner(*given, **named)

    validate_stake_amount._ews_guards = True  # type: ignore[attr-defined]
    try:
        wallets.validate_stake_amount = validate_stake_amount
    except AttributeError:
        return False
    return True


# ------------------------------------------------------------------------------------------------------------ closing


def _exit_reason(strategy: TokenRiskGuard, pair: Any) -> str | None:
    """Why the position must be closed, in words that stay the same from round to round; None: it need not."""
    try:
        answer: Answer = _judge(strategy).of_round(pair)
    except Exception:
        logger.exception("EWS: nothing is known about leaving %r", pair)
        return None
    if not must_exit(answer):
        return None
    event = f" event {answer.event_ids[0]}" if answer.event_ids else ""
    return f"{EXIT_REASON} {answer.action}{event}"


def _custom_exit(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The guard's reason first: the strategy's own could be one that its `confirm_trade_exit` refuses each time."""
    own = _called(hook, given, named, "custom_exit", False)
    return _exit_reason(strategy, _pair(given, named)) or own


def _should_exit(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """A signal to exit would hide the guard's reason: freqtrade asks no custom_exit then.

    And the signal may come to nothing, by `exit_profit_only` or by the strategy's `confirm_trade_exit`.
    """
    if named.get("exit_") and _exit_reason(strategy, _pair(given, named)):
        named = {**named, "exit_": False}
    return hook(*given, **named)


def _confirm_trade_exit(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The guard's exits are not the strategy's to refuse."""
    return str(named.get("exit_reason")).startswith(f"{EXIT_REASON} ") or hook(*given, **named)


# ----------------------------------------------------------------------------------------------- start, and each round


def _bot_start(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Raises _Refused, at which freqtrade stops, in one line of its log."""
    own = hook(*given, **named)
    if not _trades(strategy):
        mode = word(strategy.config.get("runmode"))
        logger.info(
            "EWS: TokenRiskGuard is off in the run mode %s: it says what holds now, and nothing of the past", mode
        )
        return own
    held = object.__getattribute__(strategy, "__dict__")
    held[_REFUSED] = "the guard has not started"
    try:
        judge, answer = _started(strategy)
    except EwsError as fault:
        raise _Refused(f"TokenRiskGuard does not start: the server refused it, {fault}") from None
    except (ValueError, TypeError) as error:
        raise _Refused(f"TokenRiskGuard does not start: {error}") from None
    before, held[_JUDGE], held[_REFUSED] = held.get(_JUDGE), judge, None
    if before is not None:
        before.close()
    held[_LOCKS] = PairLocks(strategy, judge)
    place = f"{judge.settings.venue} by {judge.settings.url}, fail={judge.settings.options['fail']!r}"
    if answer.fault is None:
        logger.info("EWS: TokenRiskGuard watches %s", place)
    else:
        logger.error("EWS: TokenRiskGuard watches %s, and nobody answers (%s): see README, fail", place, answer.problem)
    return own


def _started(strategy: TokenRiskGuard) -> tuple[Judge, Answer]:
    """The judge, and what it heard. Raises ValueError, TypeError, EwsError: what will be refused tomorrow too."""
    _first_to_look(type(strategy))
    config = strategy.config
    if not getattr(strategy, "use_exit_signal", False) or not config.get("use_exit_signal", True):
        raise ValueError("use_exit_signal was False, expected True: without it freqtrade asks nobody about exits")
    judge = Judge(Settings.chosen(config, getattr(strategy, "ews", None), os.environ))
    pairs = _pairs(strategy)
    answer = judge.reach(pairs[0] if pairs else some_pair(config))
    if not _stand_before(getattr(strategy, "wallets", None), strategy):
        if config.get("force_entry_enable") and getattr(strategy, "position_adjustment_enable", False):
            raise ValueError(
                "this freqtrade has no wallets.validate_stake_amount, so /forceenter could add to a position unseen, "
                "expected force_entry_enable or position_adjustment_enable to be off"
            )
        logger.warning("EWS: this freqtrade has no wallets.validate_stake_amount: the hooks alone are guarded")
    return judge, answer


def _bot_loop_start(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    own = _called(hook, given, named, "bot_loop_start", None)
    judge = _judge(strategy)
    answers = judge.begin_round(_pairs(strategy))
    locks = object.__getattribute__(strategy, "__dict__").get(_LOCKS)
    if locks is not None:
        locks.keep(answers)
    return own


def _ft_bot_cleanup(strategy: TokenRiskGuard, hook: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """freqtrade ends the strategy, also before /reload_config makes the next one."""
    judge = object.__getattribute__(strategy, "__dict__").get(_JUDGE)
    if judge is not None:
        judge.close()
    return hook(*given, **named)


def _pairs(strategy: TokenRiskGuard) -> list[str]:
    """What the bot looks at now: freqtrade adds the pairs of its open trades."""
    provider = getattr(strategy, "dp", None)
    return list(provider.current_whitelist()) if provider is not None else []


_ERRORS: Final = object()
"""Errors go on to freqtrade: they stop the start, and of closing nothing is taken away."""

_AROUND: Final[Mapping[str, tuple[Callable[..., Any], Any]]] = {
    "confirm_trade_entry": (_confirm_trade_entry, False),
    "adjust_trade_position": (_adjust_trade_position, None),
    "adjust_order_price": (_adjust_order_price, _ERRORS),
    "adjust_entry_price": (_adjust_order_price, _ERRORS),
    "check_entry_timeout": (_check_entry_timeout, True),
    "custom_exit": (_custom_exit, _ERRORS),
    "should_exit": (_should_exit, _ERRORS),
    "confirm_trade_exit": (_confirm_trade_exit, _ERRORS),
    "bot_start": (_bot_start, _ERRORS),
    "bot_loop_start": (_bot_loop_start, None),
    "ft_bot_cleanup": (_ft_bot_cleanup, _ERRORS),
}
"""Hook → what stands around it, and its answer where that itself fails."""
