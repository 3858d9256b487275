from django.urls import path

from board.views import acts, event, page, private, quality, times

app_name = "board"
urlpatterns = [
    path("", page.board, name="board"),
    path("board/acknowledge", acts.acknowledge, name="acknowledge"),
    path("board/unacknowledge", acts.unacknowledge, name="unacknowledge"),
    path("board/silence", acts.silence, name="silence"),
    path("board/names", private.names, name="names"),
    path("board/held", private.held, name="held"),
    path("board/event/<int:event_id>/", event.event_page, name="event"),
    path("board/event/<int:event_id>/state", event.event_state, name="event-state"),
    path("board/time/", times.time_page, name="times"),
    path("board/time/at", times.moment, name="moment"),
    path("board/quality/", quality.quality_page, name="quality"),
]
