from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from api.doors.routes import At


class BoardConfig(AppConfig):
    name = "board"
    verbose_name = "Board"

    def ready(self) -> None:
        from api.extra_doors import register_door

        register_door(_stream)


def _stream() -> At:
    from api.doors.routes import At
    from board.live.door import STREAM, stream

    return At(STREAM, {"GET": ("read", stream)})
