"""Names in the environment that look like one of our variables misspelt: they would be ignored in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from crypto_ews.conf.values import ConfigurationFault
from crypto_ews.conf.variable import Variable

# Read by other parts than `Config`.
_READ_ELSEWHERE = frozenset({"EWS_ENV_FILE"})
# Of a short name nearly every other short name is a misspelling.
_SHORTEST = 7
# SPOT_CURENCIES is .97 of SPOT_CURRENCIES, SPOT_CURRENCY .86, CEX_WEBHOOK .85 of CEX_WEBHOOK_URL. In our own file that
# is close enough. The environment is shared with other programs: NEXT_PUBLIC_BASE_URL is .86 of ours, EMAIL_USER .84.
_SIMILARITY_IN_OUR_FILE = 0.84
_SIMILARITY = 0.9


@dataclass(frozen=True)
class MisspeltName(ConfigurationFault):
    """`name` is read by nobody; `expected` is the variable that was probably meant."""

    def __str__(self) -> str:
        return f"{self.name} is no variable of ours; did you mean {self.expected}?"


def misspelt(
    environment: Mapping[str, str], variables: Sequence[Variable], in_our_file: Collection[str] = ()
) -> Iterator[MisspeltName]:
    """A fault for every name that nobody reads and that is close to a variable which is not set itself.

    in_our_file: names in `.env`. Values are not shown: they may be secret.
    """
    names = [(variable.name, *variable.aliases) for variable in variables]
    known = {name for group in names for name in group} | _READ_ELSEWHERE
    unset = [name for group in names if not any(environment.get(name, "").strip() for name in group) for name in group]
    for name, value in environment.items():
        if name in known or not value.strip() or len(name) < _SHORTEST:
            continue
        cutoff = _SIMILARITY_IN_OUR_FILE if name in in_our_file else _SIMILARITY
        found = get_close_matches(name.upper(), unset, n=1, cutoff=cutoff)
        if found:
            yield MisspeltName(name, "", found[0])
