"""Networks and their own coins, from the shipped list: "Tron (TRC20)" is TRX, Base has no coin of its own."""

from __future__ import annotations

import re
from functools import cache

from markets.symbols import DATA

_STANDARD = re.compile(
    r"^(?:(?:ERC|BEP|TRC|BRC|SPL|ARC|KIP|HRC|CW|NEP|QRC|SRC|XRC|IRC|KRC|VRC)-?\d{1,4}|SPL|OPBNB|AVAX-?C|AVAX-?X|AVAXC|BSC|EVM|SEIEVM|"
    r"C-?CHAIN|X-?CHAIN|EVM-?C|MAINNET|SEGWIT|LIGHTNING|L2|LAYER ?2|STATEMINT|ASSET ?HUB)$"
)


@cache
def _coins() -> dict[str, str]:
    result: dict[str, str] = {}
    for line in (DATA / "networks.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or " = " not in line:
            continue
        names, coin = line.rsplit(" = ", 1)
        for name in names.split(" | "):
            result[name.strip().lower()] = "" if coin.strip() == "-" else coin.strip()
    return result


def is_standard(name: str) -> bool:
    """Whether a bracket holds a token standard or a chain's short name ("ERC20", "AVAX-C"), and no ticker."""
    return _STANDARD.match(name.strip().upper()) is not None


def network_coin(name: str) -> str | None:
    """The coin of a network; "" if it has none; None for an unknown network. "X Network" is looked up as X as well."""
    plain = " ".join(name.split()).strip(" .,'\"")
    coins = _coins()
    for candidate in (plain, re.sub(r"\s+(?:network|mainnet|blockchain|chain|protocol)s?$", "", plain, flags=re.I)):
        if candidate.lower() in coins:
            return coins[candidate.lower()]
    return None
