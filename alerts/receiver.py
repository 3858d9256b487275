"""The destination of a channel's alerts."""

from __future__ import annotations

from dataclasses import dataclass, field

from crypto_ews.conf.channels import RiskFilter

CONSOLE = "console"


@dataclass(frozen=True)
class Receiver:
    """Where the alerts of one channel go.

    target: a URL, or e-mail addresses separated by commas; secret: signs webhooks. Neither appears in the repr.
    follows: the base channels whose alerts are delivered here too; a base channel follows itself. added: in the admin.
    risk: the rows of the token view that a webhook gets as well; None: none.
    """

    channel: str
    kind: str
    follows: tuple[str, ...]
    target: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    added: bool = False
    risk: RiskFilter | None = None
