# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The words that say, beside a date of a notice at risk, what ends then: wider than those that make a notice one.

A notice is judged by its frames. Once it is about a delisting, a halt or an upgrade, "you have until 14 May to move
them elsewhere" can only mean the end of withdrawals, though no word of it would make any notice an event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from exchanges.announcements.frames.types import Action


@dataclass(frozen=True)
class TimeWords:
    """Words beside a date, and what they say happens then; None: nothing at risk. networks: of chains only."""

    action: Action | None
    pattern: re.Pattern[str]
    networks: bool = False


def _words(action: Action | None, pattern: str, networks: bool = False) -> TimeWords:
    return TimeWords(action, re.compile(pattern, re.I | re.X), networks)


_BY = r"\b(?:until|till|before|by|up[ ]to|no[ ]later[ ]than|latest|last|final|deadline|ends?|close[sd]?|off|stop(?:s|ped)?|cease[sd]?)\b"
_NO = r"\b(?:no|not|cannot|never|nobody|nothing|neither|nor|without|stop(?:s|ped)?|end(?:s|ed)?|refus\w+|reject\w+|barred|block\w*|clos\w+|off|shut|disabl\w+|forbid\w+|void|ceas\w+|suspend\w*|halt\w*|paus\w+|hold|silent|dark)\b|n't\b"
_TAKE = r"\b(?:withdraw\w*|cash(?:ed)?[ ](?:\w+[ ])?out|outbound|outgoing|take-?away|(?:tak|pull|mov|send|transfer|collect|retriev|claim|get|bring|shift)(?:e|es|ing|s|red|ring)?\b|sent\b|mov(?:e|ing|ed)\b)"
_GIVE = r"\b(?:deposit\w*|top-?ups?|top[ ]up|refills?|recharg\w*|inbound|incoming|pay-?ins?|crediting|credited|receiv\w+|send(?:ing)?[ ]us|anything[ ]you[ ]send)\b"

# The first row whose words stand beside the date decides. Where a gap follows a stem, its word is taken whole (`*+`): else
# the gap would be tried from each of its letters.
TIME_WORDS: tuple[TimeWords, ...] = (
    _words(
        None,
        r"\b(?:re-?open\w*|resum\w+|restor\w+|re-?list\w*|re-?launch\w*|go(?:es)?[ ]live|re-?emerg\w*|welcome|back[ ]online|come[ ]back|be[ ]back|(?:again)\b|start(?:s|ing)?[ ]trading|(?:expected|planned|estimated)[ ](?:re-?)?start|trading[ ]starts|will[ ](?:list|launch|open)|to[ ]be[ ]listed|opens[ ](?:for[ ])?(?:trading|deposits?|withdrawals?|on|at)|airdrop\w*|distribut\w+|campaign|reward\w*|published|posted|copyright|founded|vote[sd]?|voting|blog|audit)\b|恢复|恢復|再開|재개|возобнов\w+|yeniden[ ](?:aç|başla)\w*|mở[ ]lại",
    ),
    _words(
        None,
        r"\b(?:(?<!n't[ ])(?<!not[ ])convert\w*|(?<!without[ ])conversion|(?:is|are|be|gets?)[ ]sold|we[ ]sell|paid[ ]out|pay[ ]out|payout|turned[ ]into|compensat\w*|refund\w*|custody[ ](?:fee|charge)|snapshot[ ]of|earn|savings|staking|stak(?:ed|e)|launchpool|redeem\w*|redemption|gift[ ]cards?|p2p|collateral|bots?|copy[ ]trading|loans?[ ]in|repay\w*[ ](?:loans?|by)|dinner|meetup|ama)\b(?![^.;]{0,40}\bmargin)",
    ),
    _words(
        Action.STOP_DEPOSITS,
        rf"(?:{_NO})[^.;]{{0,40}}{_GIVE}|{_GIVE}[^.;]{{0,60}}?(?:{_NO}|{_BY})|(?:depósitos?|dépôts?|depositi|einzahlung\w*+|setoran|wpłat\w++|депозит\w*+|การฝาก|الإيداع\w*+|充值|充币|充幣|入金|存款|입금|yatırma|ввод\b|пополнен\w*+|nạp)[^.;。；]{{0,40}}(?:停|关|關|禁|截止|終了|중단|종료|불가|까지|まで|dur|kapa|kapan|sona|прекра|останов|закро|отключ|dừng|ngừng|đóng)",
    ),
    _words(
        Action.STOP_WITHDRAWALS,
        rf"(?:{_BY})[^.;]{{0,70}}{_TAKE}|{_TAKE}[^.;]{{0,90}}?(?:{_BY})|{_TAKE}[^.;]{{0,30}}[ ](?:possible|works?|open|allowed|remains?)\b|(?:saques?|retiros?|retiradas?|retraits?|prelievi|auszahlung\w*+|abhebung\w*+|penarikan|wypłat\w++|виведен\w++|การถอน|السحب|提现|提現|提币|提幣|提領|提领|出金|出庫|출금|çekim|çekme|вывод\w*+|вывести|rút)(?:[^.;。；]{{0,60}}(?:至|前|截止|停|关|關|まで|終了|까지|종료|중단|kadar|sona|\bдо\b|прекра|até|hasta|jusqu|fino|\bbis\b|hingga|sampai|\bdo\b|ถึง|حتى|đến|trước|dừng|ngừng)|[^.;。；]{{0,30}}$)",
    ),
    _words(
        Action.HALT_TRADING,
        r"\b(?:reduce|close|sell|liquidate|limit|post|cancel|exit|withdraw(?:al)?)[- ]only\b|\bonly[ ](?:be[ ])?(?:sell|sold|sales?|clos|reduc)\w*|\bno[ ](?:new|fresh|more|further|additional)[ ](?:\w+[ ])?(?:position|order|entr|loan|opening|trade|borrow)\w*|\bno[ ](?:opening|borrowing|loans)\b"
        r"|(?:can(?:not|'t)|not[ ]be[ ]able[ ]to|un-?able[ ]to|stop[ ](?:accepting|taking))[^.;]{0,50}\b(?:buy|open|enter|entries|borrow|leverage\w*|order|position)|\b(?:opening|entry|entries|openings|borrowing|borrows?|lending|lendable|loans?|leverage|leveraged|(?:margin[ ])?funding)\b[^.;]{0,60}(?:barred|disabl\w+|stop\w*|\boff\b|clos\w+|block\w+|no[ ]longer|end(?:s|ed)?\b|void|ceas\w+|suspend\w*|paus\w*|withdrawn)"
        r"|займ\w*+[^.;]{0,80}(?:прекра|закры|недоступ|отключ)\w*|(?:открыти|займ)\w*+[^.;]{0,80}отключ\w*|(?:vay)[^.;]{0,30}(?:dừng|ngừng|đóng)|borç[ ]?alma[^.;]{0,60}(?:dur|kapa|kapat|sona)\w*|借[币幣贷入][^。；]{0,30}(?:停|关|關)|대출[^.]{0,30}(?:중단|종료)|借入[^。]{0,20}(?:停止|終了)",
    ),
    _words(
        Action.END_TRADING,
        r"\b(?:force[d]?[- ](?:close|clos|liquidat|repay|settl)\w*|flatten\w*|liquidat\w+|final[_ ]settlement|settle[sd]?|settlement|cash-settled|expir(?:e|es|y|ing)|debts?[ ](?:are[ ])?repaid|auto-?repa\w+)\b|\bпозици\w++[^.;]{0,40}закр\w+",
    ),
    _words(
        Action.END_TRADING,
        r"\b(?:last|final)[ ](?:\S+[ ]){0,2}(?:trade|order|day|call|match|orders|trades|trading|session|bell|minute|chance)\w*|(?:\b(?:no|not|nobody|no[ ]one|neither|cannot|never|stop\w*|ends?|ceas\w+|clos\w+|quits?|shut\w*)\b|n't)[^.;]{0,50}\b(?:buy|sell|trad\w+|quot\w+|access\w*|order\w*|bought|sold|market\w*|match\w*|book\w*)\b|\b(?:buy\w*|sell\w*|trad\w+|quot\w+|order\w*|market\w*|match\w*|book\w*|pairs?|series|contracts?)\b[^.;]{0,60}(?:\b(?:no[ ](?:more|longer)|not|any[ ]?more|any[ ]longer|over|gone|done|ends?|ceas\w+|clos\w+|stop\w*|shut\w*|quits?|leav\w+|disappear\w*|vanish\w*)\b|n't\b)"
        r"|\b(?:gone|disappear\w*|vanish\w*|wiped|delist\w*|remov\w+|leav(?:e|es|ing)|out[ ]the[ ]door|w(?:ou|i)nd(?:s|ing)?[ ](?:up|down)|terminat\w+|discontinu\w+|retir\w+|phas\w+[ ]out|clos\w+[ ](?:them|it|these|those)|(?:they|these|those|both|it|all)[ ](?:close|go|stop|end|leave)s?|say[ ](?:goodbye|farewell|bye)|bow\w*[ ]out|served[ ]until|(?:closing|closure|effective|removal|delisting|end|cut-?off|stop)[ ](?:time|date|hour|moment)|take[ns]?[ ](?:place|effect)|happens?|applies|apply|effective|scheduled|pencilled|switch\w*[ ]off|turn\w*[ ](?:it[ ])?off|pull\w*[ ]the[ ]plug)\b",
    ),
    _words(
        Action.END_TRADING,
        r"(?:交易|撮合|下架|買賣|买卖|挂单|上場|取引|取扱|거래|işlem|alım[ ]?satım|торг\w++|сдел\w++|giao[ ]dịch)[^.;。；]{0,60}(?:停|关|關|终止|終止|下架|終了|廃止|종료|중단|kapa|kapat|sona|dur|прекра|останов|закр|заверш|dừng|ngừng|đóng|kết[ ]thúc)|(?:停止|关闭|關閉|终止|終止)[^.;。；]{0,30}(?:交易|撮合|買賣|买卖)|(?:ngừng|dừng|đóng)[^.;]{0,30}giao[ ]dịch|уда(?:лен|ля)\w+|исключ\w+",
    ),
    _words(
        Action.UPGRADE,
        r"\b(?:restart\w*|upgrad\w+|fork\w*|hard-?fork\w*|split\w*|activat\w*|epoch|migrat\w*|swap\w*|switch\w*|cut-?over|block|height|mainnet|service[sd]?|servicing|maintenance|works?|go-?live|happens?|scheduled|expected|planned|timed|takes?[ ]place|deploy\w*|snapshot)\b|升级|升級|分叉|アップグレード|フォーク|업그레이드|포크|하드포크|변경|교체|обновлен\w+|хардфорк\w*|форк\w*|güncelle\w+|çatallan\w+|nâng[ ]cấp",
        networks=True,
    ),
)
# Half an hour before, two days earlier, one hour after that: from the moment before.
RELATIVE = re.compile(
    r"(?<!within\s)(?<!for\s)(?<!\bin\s)(?<!last\s)(?<!first\s)(?<!final\s)(?<!every\s)(?<!about\s)(?<!the\s)(?<!to\s)\b(?P<count>\d{1,2}|an?|one|two|three|four|five|six|seven|eight|ten|twelve|fifteen|twenty|thirty|half\san|half\sa|twenty-four)\s(?:more\s|full\s)?"
    r"(?P<unit>minute|hour|day|week)s?\s(?P<side>earlier|before(?:hand)?|prior|ahead|sooner|later|after(?:wards?)?)\b",
    re.I,
)
NUMERALS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0,
    "eight": 8.0, "ten": 10.0, "twelve": 12.0, "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "half an": 0.5,
    "half a": 0.5, "twenty-four": 24.0,
}  # fmt: skip
# "Withdrawals are open till that moment."
UNTIL_THEN = re.compile(
    r"\b(?:until|till|up\sto|before)\s(?:that|the\ssame|this|said)\s(?:moment|date|time|day|hour|point)\b|\b(?:by|until|till|up\sto)\sthen\b",
    re.I,
)
# "15 January, same hour": the time of the moment before.
SAME_TIME = re.compile(
    r"^\W{0,3}(?:at\s|and\s)?(?:the\s|that\s)?(?:same\s(?:hour|time|minute)|again\sat\sthat\shour)\b", re.I
)
# Hours of a contract's last day at which nothing stops.
BESIDE = re.compile(r"\b(?:final|last)\shour\b[^.]{0,60}\b(?:before|prior|settlement)\b|\binsurance fund\b", re.I)
