
from datetime import UTC, datetime, timedelta
from pathlib import Path
from django.utils import timezone
from events.lifecycle import record
from events.drafts import EffectDraft
from tests.events.admin.support import draft
import time
OUT=Path("/work/t18shots"); OUT.mkdir(exist_ok=True)

def test_try(opened, monkeypatch):
    now = timezone.now()
    from events.models import SourceHealth
    SourceHealth.objects.create(source="binance.announcements", state="ok", interval_seconds=30, last_success_at=now, watched_since=now)
    SourceHealth.objects.create(source="okx.status", state="stale", interval_seconds=30, last_success_at=now-timedelta(hours=1), watched_since=now, last_error="timeout")
    for n,(tok) in enumerate(["BTC","ETH","SOL","LUNA","USDC"]):
        record(draft(f"k{n}", tokens=(tok,), title=f"Binance will delist {tok}"), now)
    record(draft("k9", tokens=("BTC","ETH"), title="Wallet stop for BTC and ETH", category="wallet_suspension"), now)
    b = opened()
    time.sleep(1)
    b.screenshot(OUT/"board.png")
    print(b.console_errors())
    b.resize(390,844); time.sleep(.4); b.screenshot(OUT/"board390.png")
    b.resize(1280,900)
    b.find("body").send_keys("j"); b.driver.switch_to.active_element.send_keys("a")
    time.sleep(1.2)
    b.screenshot(OUT/"board2.png")
    print(b.text("#said"))
    b.prefer_colors("dark"); b.open(b.url.split("/?")[0].rstrip("/")+"/board/event/1/"); time.sleep(.6); b.screenshot(OUT/"event.png"); print(b.console_errors())
    base=b.url.split("/board")[0]
    b.open(base+"/board/time/"); time.sleep(.8); b.screenshot(OUT/"times.png"); print(b.console_errors())
    b.open(base+"/board/quality/"); time.sleep(.6); b.screenshot(OUT/"quality.png"); print(b.console_errors())
