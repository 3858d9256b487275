# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Where an article ends: what stands around it (further reading, promotions, footers, navigation) is left out.

Structure decides first: what the page marks as apart, what follows the signature, lists of links at the end. Then the
words that introduce such parts, in the languages that are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from exchanges.announcements.text.names import EXCHANGES
from exchanges.announcements.text.normalise import remembered_alone, small
from exchanges.announcements.text.writer import Block

_NAMES = "|".join(sorted(re.escape(name.lower()) for name in EXCHANGES - {"CRYPTO"})) + r"|gate\.io"
_TEAM = re.compile(
    rf"""^[-~ ]{{0,3}}(?!.*\b(?:from|by|of|with|to|for|and)\b)(?:the\ |your\ )?(?:\w[\w.]*\ ){{1,4}}(?:team|management|support\ desk)\b[ .,!]*(?:\d[\d\ :./,-]{{0,30}})?$ | ^(?:the\ )?(?:{_NAMES})(?:\ \w+){{0,2}}\ team\b.{{0,40}}$
      | ^\W*(?:\w[\w.]*\ ?){{0,3}}(?:团队|團隊|敬上|谨上|謹上|敬启|敬啟|팀|드림|올림|運営チーム|チーム|運営事務局)\W*$
      | ^\W*(?:\w[\w.]*\ ){{0,3}}(?:ekibi|takımı)\W*$ | ^\W*(?:ваша\ )?команда(?:\ биржи)?(?:\ [\w.]+)?$ | ^\W*đội\ ngũ\ (?:sàn\ giao\ dịch|hỗ\ trợ|[\w.]+)\W*$""",
    re.I | re.X,
)
_THANKS = re.compile(
    r"""^\W*(?:(?:we|please\ accept)\ .{0,20})?(?:thanks?\b|thank\ you\b|many\ thanks|our\ thanks|with\ thanks) | ^\W*(?:(?:best|kind|warm)\ )?regards\b | ^\W*(?:yours\ )?(?:sincerely|faithfully|truly)\b
      | ^\W*(?:再次)?(?:感谢|感謝|谢谢|謝謝|此致) | 감사합니다\W*$ | ^\W*(?:.{0,60})(?:ありがとうございます|よろしくお願い(?:いた|致)?します|ご了承ください|敬具)\W*$
      | ^\W*(?:.{0,60})(?:teşekkür\ ed\w+|teşekkürler)\W*$ | ^\W*saygılar\w* | ^\W*(?:спасибо|благодарим|с\ уважением)\b | ^\W*(?:xin\ )?(?:chân\ thành\ )?(?:cảm\ ơn|trân\ trọng)\b""",
    re.I | re.X,
)
_DATE_ONLY = re.compile(
    r"^\W*(?:date\W+|published\W+|日期\W+)?\d[\d\s年月日년월일./:,-]{5,24}(?:\(?[a-z]{2,4}[+-]?\d{0,2}\)?)?\W*$|^\W*(?:[^\W\d]{3,9}\.? \d{1,2}|\d{1,2} [^\W\d]{3,9}\.?),? (?:\d{4})\W*$",
    re.I,
)
_DISCLAIMER = re.compile(
    r"""^\W*(?:(?:(?:general\ )?risk\ (?:disclaimer|warning|reminder|statement|disclosure)s?|disclaimers?|legal\ (?:notice|disclaimer)
        |风险(?:提示|警告|声明)|風險(?:提示|警告|聲明)|免责声明|免責聲明|免責事項|リスク(?:警告|開示)|위험\ ?고지|면책\ ?(?:조항|고지)?|투자\ ?유의\ ?(?:사항|안내)|yasal\ uyarı|risk\ uyarısı|sorumluluk\ reddi
        |предупреждение\ о\ рисках?|отказ\ от\ ответственности|cảnh\ báo\ rủi\ ro|(?:tuyên\ bố\ )?miễn\ trừ\ trách\ nhiệm)(?=\W*$|\s*[:.!|-])
      |find\ us\ on\b|follow\ us\b|trade\ on[- ]the[- ]go|usd[ct]\ is\ an\ e-money|download\ (?:our|the)\ .{0,30}\bapp\b)""",
    re.I | re.X,
)
# Headings of what follows an article, never of a part of it.
_RELATED = re.compile(
    r"""^\W*(?:
        (?:related|similar|recommended|suggested|more|latest|recent|popular|trending|hot|featured|top|other|previous|further|additional|earlier|useful)\ (?:(?:&|and)\ \w+\ )?(?:\w+\ )?
           (?:articles?|announcements?|news|readings?|posts?|stories|topics|notices?|links|materials|resources|content|guides|campaigns|promotions|offers|events)(?:\ (?:for|from|you|on\ our|in\ our|worth)\b.{0,30})?
      | you\ (?:may|might)\ (?:also\ )?(?:like|be\ interested|enjoy)\b.{0,20} | recommended(?:\ for\ you)? | read\ (?:next|also) | also\ read | see\ also | people\ also\ \w+ | what\ to\ read\ next
      | more\ from\b.{0,40} | keep\ reading | (?:in\ )?other\ news | don't\ miss(?:\ out)? | happening\ now | what's\ (?:new|hot) | quick\ links | (?:ongoing|current|latest)\ (?:promotions?|campaigns?|offers?)
      | (?:previous|next)\ (?:article|post|announcement|page) | about\ (?:us|binance|okx) | contact\ us | join\ (?:us|our\ communit\w+)\b.{0,60} | share\ (?:this|on)\b.{0,30} | (?:our\ |\w+\ )?(?:official|social|media)\ (?:channels|communit(?:y|ies))
      | (?:相关|相關)(?:文章|公告|阅读|閱讀|推荐|推薦|内容|內容|链接|連結|资讯|資訊|新闻|新聞) | (?:推荐|推薦|延伸)(?:阅读|閱讀) | 猜你喜欢|猜你喜歡|为您推荐|為您推薦|您可能.{0,12} | (?:更多|热门|熱門|最新|其他|近期)(?:公告|文章|资讯|資訊|内容|內容|活动|活動|推荐|推薦|新闻|新聞|消息) | (?:上|下)一篇 | 快速链接|快速連結 | 关注我们|關注我們 | 加入社[区區群]
      | (?:관련|추천|최신|최근|인기|다른|이전|다음)\ ?(?:기사|공지(?:사항)?|글|게시물|콘텐츠|문서|소식|뉴스|이벤트|링크)(?:\ ?(?:목록|더\ ?보기|바로가기))? | 함께\ (?:보면|읽으면).{0,20} | 공식\ ?채널
      | 関連(?:記事|する?お知らせ|のお知らせ|情報|リンク|ニュース) | おすすめ.{0,8} | (?:最新|人気|その他|他)の?(?:お知らせ|ニュース|記事|キャンペーン) | あわせて読みたい.{0,6} | (?:前|次)の記事 | 公式(?:チャンネル|sns)
      | (?:ilgili|benzer|önerilen|son|diğer|popüler|güncel)\ (?:makale|duyuru|yazı|haber|içerik|bağlantı|kampanya)(?:lar|ler)?(?:ı|i)? | (?:bunları|şunları)\ da\b.{0,20} | ilginizi\ çekebil\w+ | (?:önceki|sonraki)\ (?:makale|yazı|haber) | bizi\ takip\ edin
      | (?:похожие|связанные|рекомендуемые|последние|другие|популярные|ещё|еще|свежие)\ (?:стать|новост|объявлени|материал|публикаци|акци|анонс)\w* | рекомендуем(?:\ (?:почитать|прочитать))? | (?:читайте|смотрите)\ также | см\.\ также | по\ теме | вам\ (?:также\ )?(?:может|будет)\ (?:быть\ )?(?:интересно|понравит\w+) | (?:предыдущая|следующая)\ (?:статья|новость|запись) | следите\ за\ нами | мы\ в\ соцсетях
      | (?:bài\ viết|thông\ báo|tin(?:\ tức)?|nội\ dung|sự\ kiện)\ (?:liên\ quan|khác|mới(?:\ nhất)?|nổi\ bật|đề\ xuất) | có\ thể\ bạn\ (?:quan\ tâm|thích|cũng\ thích).{0,10} | (?:đọc|xem)\ thêm | (?:bài|tin)\ (?:trước|sau|tiếp\ theo) | đề\ xuất(?:\ cho\ bạn)? | theo\ dõi\ chúng\ tôi
      )\W*$""",
    re.I | re.X,
)
_LEGAL = re.compile(
    r"^(?:(?:risk (?:disclaimer|warning|reminder)|disclaimers?)(?=\W*$|\s*[:.!-])|find us on\b|trade on the go|follow us"
    r"|usd[ct] is an e-money|about (?:binance|okx|delisting|us)\b)",
    re.I,
)
# "The Binance team has decided to delist …" begins like a signature, and "Dear community, …" like a heading.
_CLOSING = re.compile(
    r"^(?:(?:\w+ )?(?:official )?(?:channels|communit\w+)\b[^,.;]{0,40}$|thank(?:s| you) for|(?:the )?(?:"
    + _NAMES
    + r")(?: \w+){0,2} team\b(?! (?:has|have|will|is|was|decided)\b))",
    re.I,
)
# A line that has the label and the title of another article.
_LABELLED = re.compile(
    r"""^\W*(?:(?:(?:hot|ongoing|current|latest)\ (?:events?|campaigns?|promotions?|offers?)|(?:related|recommended|previous|next|latest|earlier)\ (?:articles?|announcements?|news|readings?|posts?|notices?|links?|guides?|stor(?:y|ies)))|related|you\ (?:may|might)\ (?:also\ )?(?:like|enjoy)|recommended\ for\ you|what's\ next(?:\ (?:at|on|for)\ [\w.]{2,20})?|(?:[\w.]{2,20}'s\ )?(?:our\ )?(?:other|further|more|latest)\ (?:news|notices|announcements|events|updates|headlines|campaigns)(?:\ (?:of|from|at|on|this|in)\ [^:]{1,40})?|(?:[\w.]{2,20}\ )?also\ (?:runs|offers|has|on|at)\b[^:]{0,40}|coming\ up|upcoming|new\ (?:today|this\ week|on\ [\w.]{2,20})|elsewhere|also\ new|also\ in\ this\ (?:newsletter|issue|mail|week|edition)|also\ today|more\ news|see\ also|read\ (?:more|also|next)|also\ read|further\ reading
      |(?:上|下)一篇|(?:相关|相關)(?:文章|公告|阅读|閱讀)|(?:推荐|推薦|延伸)(?:阅读|閱讀)|(?:이전|다음|관련)\ ?(?:글|공지|기사)|(?:前|次)の記事|関連記事|(?:önceki|sonraki|ilgili)\ (?:makale|duyuru|yazı|haber)\w*
      |(?:предыдущая|следующая)\ (?:статья|новость|запись)|читайте\ также|см\.\ также|(?:bài|tin)\ (?:trước|sau)|(?:đọc|xem)\ thêm)\s?:\s?\S""",
    re.I | re.X,
)
# Guides and sources may also stand in the middle.
REFERENCE = re.compile(
    r"^(?:for more information|more information|guides|related (?:materials|articles|links|guides)|references?|further (?:reading|information)|read more|see also|for further information|for the following tokens?, please)",
    re.I,
)
_WAY = re.compile("[>›»→]")
_TRAIL = re.compile(r"^[^.!?]{1,200}$")
_PROMOTION = re.compile(
    r"""\b(?:prize\ pool|win\ (?:up\ to|a\ share|big)|shar(?:e|ing)\ (?:of\ )?(?:up\ to\ |a\ |in\ )?(?:[\d$]|prize|rewards?)|giveaways?|sign\ up|register\ (?:now|today|and)|join\ (?:now|today|us|the)|trade\ (?:now|and|to)|earn\ up\ to|referrals?|invite\ (?:your\ )?friends|bonus(?:es)?
      |vouchers?|limited[- ]time|promotions?|campaigns?|competitions?|tournaments?|don't\ miss|grab\ |reward\ pool|rewards\ (?:of|hub)|download\ (?:the|our)|start\ trading|learn\ more|newsletter|new\ users?)\b
      | 奖池|獎池|瓜分|赢取|贏取|立即(?:注册|註冊|交易|参与|參與|加入)|限时|限時|福利|奖励|獎勵|抽奖|抽獎|下载|下載 | 이벤트|경품|상금|지금\ 참여|가입|혜택|추첨 | キャンペーン|山分け|プレゼント|今すぐ|ボーナス|抽選
      | \b(?:ödül\w*|kampanya\w*|kazan\w*|çekiliş\w*|hemen\ (?:kat|üye|kayd)\w*) | \b(?:акци[яиюе]|розыгрыш\w*|приз\w*|бонус\w*|выигр\w+|регистрир\w+|конкурс\w*) | (?:phần\ thưởng|chiến\ dịch|giải\ thưởng|tham\ gia\ ngay|ưu\ đãi|khuyến\ mãi|đăng\ ký\ ngay|tải\ ứng\ dụng)""",
    re.I | re.X,
)
_RISK = re.compile(
    r"""\b(?:de-?list\w*|remov\w+|ceas\w+|halt\w*|suspen\w+|terminat\w+|discontinu\w+|unavailable|paus\w+|no\ longer|settle\w*|clos(?:e[sd]?|ing|ure)\b|end(?:s|ed|ing)?\b|swap\w*|migrat\w+|upgrad\w+|hard\ fork|delay\w*|postpon\w+|resum\w+|withdraw\w*|deposits?)
      | 下架|移除|暂停|暫停|终止|終止|下线|下線|停止|廃止|終了|升级|升級|充值|提现|提幣|提币|입출금|종료|중단|폐지|정지 | kaldır|durdur|liste\w*\ çıkar|çekme|yatırma | делист|прекра|приостан|удал|вывод|депозит|ввод | hủy\ niêm\ yết|tạm\ (?:dừng|ngưng|ngừng)|ngừng|gỡ|nạp|rút""".replace(
        "ı", "i"
    ),
    re.X,
)
_UPDATE = re.compile(
    r"^\W*(?:(?:important\ )?(?:update|edit|correction|amendment|addendum|erratum)\w*\b|p\.?\s?s\.?\s|更新|更正|补充|補充|정정|수정|업데이트|追記|訂正|güncelleme|düzeltme|обновлен|исправлен|дополнен|cập\ nhật|đính\ chính)".replace(
        r"\ ", " "
    ),
    re.I,
)
_GREETING = re.compile(
    r"^\W*(?:dear|fellow|hello|hi|greetings|attention|尊敬|亲爱|親愛|各位|안녕|친애|平素|お客|sayın|değerli|merhaba|уважаем|дорог|здравств|kính|thân|xin chào)",
    re.I,
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_PAIR = re.compile(r"[A-Z0-9][/_-][A-Z]{3,5}\b")
_CONTRACT = re.compile(r"\b[A-Z0-9]{2,12}USD[TC]?\b")
_COIN = re.compile(r"\([A-Z0-9]{1,12}\)")
_TIME = re.compile(r"\b\d{1,2}:\d\d\b")
_YEAR = re.compile(r"\b20\d\d[-/年.]")
MAX_LABEL, MAX_SIGNATURE = 100, 160


def article_of(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of the article itself. Their texts are normalised already."""
    inner = [block for block in blocks if not block.apart]
    found = inner if any(map(_has_substance, inner)) else list(blocks)
    found = [block for block in found if not _is_trail(block.text)]
    start = next((number for number, block in enumerate(found) if _has_substance(block)), len(found)) + 1
    signed = _signature(found, start)
    if signed is not None:
        found = _until(found, signed)
    found = _without_reading(found, start, signed)
    return _without_promotion(found, start)


def _signature(blocks: Sequence[Block], start: int) -> int | None:
    """The number of the block that closes the article with thanks or a name, or None.

    Thanks alone close nothing where something at risk is named below; a name closes nothing where it is named only
    below.
    """
    above = [_is_message(block) for block in blocks]
    below = _last_message(blocks, above)
    thanked = None
    for number in range(start, len(blocks)):
        text = blocks[number].text
        if len(text) > MAX_SIGNATURE:
            continue
        if _disclaims(text):
            break
        thanks = _thanks(text) and not _is_risk(text)
        named = (len(text) <= 80 and _is_team(text)) or (
            thanks
            and any(
                _is_team(line.text) or _DATE_ONLY.match(line.text)
                for line in blocks[number + 1 : number + 3]
                if len(line.text) <= 80
            )
        )
        if named and (below < number or any(above[:number])):
            return number
        if thanks and thanked is None and below < number:
            thanked = number
    return thanked


def _last_message(blocks: Sequence[Block], messages: Sequence[bool]) -> int:
    """The number of the last block that puts something named at risk, before further reading; -1 where none does.

    messages: by block, whether it does.
    """
    last = -1
    if not any(messages):
        return last
    for number, block in enumerate(blocks):
        if number and (_is_related(block.text) or _disclaims(block.text)):
            break
        if messages[number]:
            last = number
    return last


def _is_message(block: Block) -> bool:
    """Whether a block names a pair, a contract, a coin in brackets or a time, as one who is told of a risk must know."""
    if block.link or not _names(block.text):
        return False
    return block.kind in ("row", "item") or _is_risk(block.text)


@remembered_alone
def _names(text: str) -> bool:
    """Whether a text has the shape of a pair, a contract, a coin in brackets or a time. One look for each is quickest."""
    return bool(
        (("/" in text or "-" in text or "_" in text) and _PAIR.search(text))
        or ("USD" in text and _CONTRACT.search(text))
        or ("(" in text and _COIN.search(text))
        or (":" in text and _TIME.search(text))
        or ("20" in text and _YEAR.search(text))
    )


@remembered_alone
def _thanks(text: str) -> bool:
    # Only words that are not in plain letters thank at the end of a text.
    if text.isascii():
        return _has_any(text, _PLAIN_THANKS) and _THANKS.match(text) is not None
    return _THANKS.search(text) is not None


@remembered_alone
def _is_team(text: str) -> bool:
    return (not text.isascii() or _has_any(text, _PLAIN_TEAMS)) and _TEAM.match(text) is not None


# What a text in plain letters needs to match `_THANKS` and `_TEAM`; quick to look for. ı and i are one.
_PLAIN_THANKS = ("thank", "regards", "sincerely", "faithfully", "truly", "saygilar")
_PLAIN_TEAMS = ("team", "management", "support desk", "ekibi", "takimi")


def _has_any(text: str, words: tuple[str, ...]) -> bool:
    return any(map(text.lower().__contains__, words))


def _is_related(text: str) -> bool:
    """Whether a text is a heading of what follows an article, or of other articles."""
    return len(text) <= MAX_LABEL and _heads_others(text)


@remembered_alone
def _heads_others(text: str) -> bool:
    return _RELATED.match(text) is not None


@remembered_alone
def _disclaims(text: str) -> bool:
    return _DISCLAIMER.match(text) is not None


@remembered_alone
def _is_risk(text: str) -> bool:
    return _RISK.search(small(text)) is not None


def _until(blocks: Sequence[Block], signed: int) -> list[Block]:
    """The blocks up to the signature, with the name and the closing date below it, and what was added later."""
    end = signed + 1
    while end < len(blocks) and end <= signed + 3:
        text = blocks[end].text
        if len(text) > 80 or not (_is_team(text) or _DATE_ONLY.match(text) or _THANKS.search(text)):
            break
        end += 1
    remaining = list(blocks[:end])
    for block in blocks[end:]:
        if _is_related(block.text) or _disclaims(block.text):
            break
        if _UPDATE.match(block.text) and not block.link:
            remaining.append(block)
    return remaining


def _without_reading(blocks: list[Block], start: int, signed: int | None) -> list[Block]:
    """The blocks without further reading and disclaimers. Where the signature is below, the article goes on in between."""
    result: list[Block] = []
    reading = False
    for number, block in enumerate(blocks):
        text = block.text
        if number >= start and _disclaims(text) and not _UPDATE.match(text):
            break
        if _is_related(text):
            below = signed is not None and number < signed
            if number >= start and not below:
                break
            reading = True
            continue
        if len(text) <= 300 and ":" in text and _LABELLED.match(text):
            continue
        if reading:
            if block.link or block.kind == "item" or not _is_sentence(text):
                continue
            reading = False
        result.append(block)
    return result


def _without_promotion(blocks: list[Block], start: int) -> list[Block]:
    """The blocks without lists of other titles at the end, nor advertisements if the article is none itself."""
    signature = len(blocks)
    while (
        signature > start and len(blocks[signature - 1].text) <= MAX_SIGNATURE and _closes(blocks[signature - 1].text)
    ):
        signature -= 1
    end = signature
    while end > start and _is_other_title(blocks[end - 1]):
        end -= 1
    first = end
    while first > start and (_is_promotion(blocks[first - 1]) or _is_other_title(blocks[first - 1])):
        first -= 1
    if first < end and not any(_promotes(block.text) for block in blocks[:first]):
        end = first
    return [*blocks[:end], *blocks[signature:]]


def is_frame(text: str) -> bool:
    """Thanks, names of teams, headings of channels and legal notes: what says nothing wherever it stands."""
    if _LEGAL.match(text):
        return True
    return _CLOSING.match(text) is not None and len(text) <= MAX_SIGNATURE and not _is_risk(text)


def _closes(text: str) -> bool:
    return bool(_is_team(text) or _DATE_ONLY.match(text) or (_THANKS.search(text) and not _is_risk(text)))


@remembered_alone
def _promotes(text: str) -> bool:
    return _PROMOTION.search(text) is not None


def _is_promotion(block: Block) -> bool:
    return block.kind != "row" and _promotes(block.text) and not _is_risk(block.text)


def _is_other_title(block: Block) -> bool:
    """A link that is as long as a title, at the end of a body. A pair may be a link too, and stays."""
    text = block.text
    return block.link and len(text) >= 20 and (text.count(" ") >= 3 or len(_CJK.findall(text)) >= 8)


def _is_trail(text: str) -> bool:
    """The way to a page: "Home > Support > Announcements"."""
    return (
        len(text) <= 200
        and _WAY.search(text) is not None
        and len(re.findall(r"\s[>›»→]\s", text)) >= 2
        and _TRAIL.match(text) is not None
    )


def _is_sentence(text: str) -> bool:
    return text[-1:] in ".:;!?)" and (text.count(" ") >= 6 or len(_CJK.findall(text)) >= 10)


def _has_substance(block: Block) -> bool:
    if block.kind == "row":
        return True
    text = block.text
    greets = len(text) < 80 and _GREETING.match(text)
    return not greets and not block.link and (text.count(" ") >= 5 or len(_CJK.findall(text)) >= 10)
