# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Words of swaps, merges and changes of ticker, and of trading that ends, opens or goes on, in all languages that are read."""

from __future__ import annotations

import re

# A coin becomes another one, or is called otherwise.
CHANGES = re.compile(
    r"\b(?:swap\w*|migrat\w+|conver\w+|exchang(?:e|ed|ing)\b|redenominat\w+|re-?denominat\w+|rebrand\w*|re-brand\w*|renam\w+|replac\w+|merg\w+|upgrad\w+|transition\w*|"
    r"consolidat\w+|transform\w*|unif(?:y|ied|ies|ication)|combin\w+|moves?|moved|moving|switch\w*|redeem\w*|turn(?:s|ed|ing)? (?:in)?to|unit(?:e|es|ed|ing)|(?:chang|updat|adjust|correct)\w*|ticker|symbol|split)\b"
    r"|置[换換]|[兑兌][换換]|[转轉][换換]|更名|改名|更[换換]|[迁遷]移|升[级級]|合[并併]|替[换換]|[变變]更|映射|[换換]成|交[换換]|重命名|品牌|스왑|전환|교환|리브랜딩|변경|마이그레이션|합병|통합|병합|업그레이드|スワップ|交換|移行|リブランド|リブランディング|変更|統合|合併|改称|アップグレード|転換|変換|\b(?:takas|dönüş|değiş|geçiş|birleş|yeniden (?:marka|adland)|taşı)\w*|\b(?:обмен|миграци|мигрир|конверт|переимен|ребренд|слиян|объедин|замен|измен|смен|меня|свап|деномин|переход|перевод|перевед)\w*|hoán đổi|chuyển đổi|đổi tên|sáp nhập|hợp nhất|di chuyển|quy đổi|đổi thương hiệu|thay thế|tái định danh|tái cấu trúc thương hiệu",
    re.I,
)
# In a sentence with these, capitals are names of coins.
RELATES = re.compile(
    r"\b(?:distribut\w+|credit\w*|receiv\w+|gets?|becom\w+|for (?:each|every)|per|formerly|previously|successor|tak(?:e|es|ing) (?:the place|over)|issu\w+|paid|known as|in favou?r|giv(?:e|es|en|ing)|"
    r"absor\w+|succeed\w*|supersed\w+|hold(?:s|ers?|ing)?|turns?|is now|are now|forms?|find|instead|new token|old token|formerly)\b|→|->|=>|\d\s?[A-Z]\w*\s?[=:]\s?\d",
    re.I,
)
# It is called otherwise.
NAMED = re.compile(
    r"\b(?:rebrand\w*|re-brand\w*|renam\w+|tickers?|symbols?|new name|known as|called|name chang\w+|(?:chang|updat)\w+ (?:of|its|the|their) name)\b"
    r"|更名|改名|品牌|重命名|代[码碼]|リブランド|リブランディング|改称|ティッカー|리브랜딩|티커|이름|\b(?:yeniden (?:marka|adland)|переимен|ребренд|тикер)\w*|đổi tên|đổi thương hiệu|tái định danh|mã",
    re.I,
)
OTHER_UNITS = re.compile(r"\b(?:re-?denominat\w+|re-?split|split|consolidat\w+)\b", re.I)
# Several become one.
MERGED = re.compile(
    r"\b(?:merg\w+|unif(?:y|ied|ies|ication)|combin\w+|unit(?:e|es|ed|ing))\b"
    r"|合[并併]|합병|통합|병합|統合|\b(?:birleş|слиян|объедин)\w*|sáp nhập|hợp nhất",
    re.I,
)
DENIED = re.compile(r"\b(?:not|never|neither|nor|without|no)\b(?! longer)", re.I)
# Its trading ends.
ENDS = re.compile(
    r"\b(?:de-?list\w*|remov\w+|ceas\w+|terminat\w+|discontinu\w+|retir\w+|stop\w*|halt\w*|settl\w+|clos(?:e|es|ed|ing|ure)|end(?:s|ed|ing)?|off-?board\w*|disappear\w*|suspen\w+|paus\w+|"
    r"no longer|last (?:day|trad\w+)|taken (?:down|off)|tak(?:e|es|ing)\b[^;,]{0,40}\b(?:off|down)|withdrawn|sunset\w*|phas\w+ out|cancel\w*|until|no (?:new |more |further )?orders|not accept\w*|shut(?:s|ting)? down|leav(?:e|es|ing)|goes? offline|taken off\w*|withdrawn|expire[sd]?|exit(?:s|ed|ing)?|goes(?! (?:live|on|through|to|back|up|down|online|ahead)\b))\b"
    r"|下架|停止|移除|[终終]止|[关關][闭閉]|摘牌|[暂暫]停|终了|終了|上場廃止|廃止|削除|종료|상장 ?폐지|중단|중지|제거|\b(?:kaldır|sonlandır|durdur|sona er|kapat)\w*|liste(?:den|sinden) çıkar\w*|\b(?:прекращ|прекрат|делист|удал|останов|закры|исключ|приостан)\w*|hủy niêm yết|ngừng|dừng|gỡ|chấm dứt|xóa",
    re.I,
)
# The words are about trading.
TRADED = re.compile(
    r"\b(?:trad\w+|pairs?|spot|perpetual|futures|contracts?|margin|markets?|delist\w*|listed|order ?books?|exchange)\b"
    r"|交易|取引|거래|işlem|торг|\bпар|giao dịch|现货|現貨|合约|合約",
    re.I,
)
# It goes on as it was.
STAYS = re.compile(
    r"\b(?:not|un)\s?(?:be\s)?(?:affected|impacted|changed|concerned)\b|\b(?:remain|stay|continue|keep|carry on|survive)(?:s|ed|ing)?\b|\bno (?:change|impact|effect)\b|\bas (?:usual|before)\b|\b(?:except|other than|apart from|excluding)\b|\buntouched\b"
    r"|不受|不[会會]受|[继繼][续續]|照常|영향을 받지|계속|影響(?:を受けま|はありま)|引き続き|etkilenme|devam|не затрон|без изменений|продолж|không bị ảnh hưởng|tiếp tục",
    re.I,
)
NOT_ENDING = re.compile(
    r"\b(?:not|never|neither|nor)\b[^;,]{0,30}\b(?:de-?list\w*|remov\w+|ceas\w+|halt\w*|end\w*|suspend\w*|stop\w*|interrupt\w*|clos\w+)",
    re.I,
)
# Its trading begins, or begins again.
OPENS = re.compile(
    r"\b(?:open\w*|(?:re-?)?launch\w*|start(?:s|ed|ing)?|begin(?:s|ning)?|commence\w*|resum\w+|re-?list\w*|(?<!de)(?<!de-)\blist(?:s|ed|ing)?|add(?:s|ed|ing)?|introduc\w+|go(?:es)? live|comes(?! (?:to|from)\b)|enabl\w+|available|possible|return(?:s|ed)? as|come(?:s)? back|re-?appear\w*|may (?:be )?trade[d]?|tradable|can be traded|from then on|follow(?:s)?|new (?:\w+ ){0,2}pairs?)\b"
    r"|[开開]放|上[线線]|[开開][启啟始]|上架|新增|恢[复復]|개시|시작|상장|재개|오픈|추가|再開|上場|追加|\b(?:aç[ıi]l|başla|eklen|listelen)\w*|\b(?:откро|начн|начина|добав|возобнов|запус|листинг)\w*|mở|bắt đầu|niêm yết|thêm",
    re.I,
)
# Behind these another message begins; a comma or an "and" may also only go on with a list.
BORDER = re.compile(r"[;。！]|\.\s|\b(?:while|whereas|whilst|but|after which)\b", re.I)
JOINT = re.compile(r",|\b(?:and|then|after|before|once|when|as soon as|и|ve|và|а)\b|&|(?<=[며고])\s|(?<=하고)\s", re.I)
