# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Patterns of a sentence whose names are masked: which token becomes which, and which are told side by side."""

from __future__ import annotations

import re

from exchanges.announcements.frames.swaps.mentions import ANY, TOKEN

NOUNS = r"(?:'s?|\s(?:tokens?|coins?|holders?|balances?|holdings?|assets?|projects?|\(?old\)?))"
AND = r"\s?(?:,\s?(?:and\s|as well as\s)?|&|\+|\band\b|\bas well as\b|\bplus\b|[和与與及、跟]|以及|と|および|[와과]|및|\bve\b|\bи\b|\bvà\b)\s?(?:the\s|old\s)?"
LIST = rf"(?>{TOKEN}{NOUNS}?(?:{AND}{TOKEN}{NOUNS}?){{0,20}})"
# At the end of a message: a token behind which another verb follows begins the next one.
VERB = r"(?!\s(?:will|is|are|has|have|shall|replac|becom|succe|supersed|tak|absorb|turn|giv|form)\w*)"
LAST = rf"(?>{TOKEN}{NOUNS}?(?:{AND}{TOKEN}{VERB}{NOUNS}?){{0,20}})"
# Words between two names of one message.
GAP = rf"[^;{ANY}]{{0,90}}?"
NUMBER = r"(?:\d[\d,.]{0,20}|one|each|every|a)"
UNIT_RATIO = re.compile(
    rf"(?<![\d.,:])(?P<left>{NUMBER})\s?(?P<one>{TOKEN})\s?(?P<word>=|:|equals?|to|into|→|->|=>|for|per|against|in exchange for)\s?(?P<right>{NUMBER})?\s?(?P<other>{TOKEN})",
    re.I,
)
COUNTED = re.compile(rf"(?<![\d.,:/-])(?P<number>\d[\d,.]{{0,20}})\s?(?P<name>{TOKEN})")
# The new token stands first.
BACKWARD = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<new>{TOKEN}){NOUNS}?\s(?:(?:will|shall|is to|to|has|have|then|also|fully)\s){{0,3}}(?:replac(?:e|es|ed|ing)(?!\s(?:by|with))|succeed(?:s|ed|ing)?(?!\sby)|supersed(?:e|es|ed|ing)(?!\sby)|tak(?:e|es|ing) the place of|tak(?:e|es|ing) over from|absorb(?:s|ed|ing)?(?!\s(?:by|into)))\s(?:the\s|old\s|all\s|existing\s){{0,3}}(?P<old>{LAST})",
        rf"(?P<new>{TOKEN})[^;.{ANY}]{{0,50}}?\b(?:formerly|previously|prev|prior name|once known as|successor (?:of|to|token (?:of|to))|new (?:ticker|symbol|name|version|brand|token) (?:of|for)|in (?:exchange|return|place|lieu|replacement) (?:for|of)|instead of|in place of|for (?:each|every|their|all|your)|per)\b\.?(?:\s(?:unit of|known as|called|the|old|existing|one|\d[\d,.]{{0,12}}|eligible|your|all|traded|as)){{0,5}}\s?(?P<old>{LAST})",
        rf"(?P<new>{TOKEN})[^;.{ANY}]{{0,20}}?(?:原名?|前身[为為是]?|[旧舊][称稱名]?|曾用名|\b구(?=[\s{ANY}])|\beski (?:adıyla|adı|ismiyle)\b|\b(?:ранее|бывш\w+|прежде)\b|trước đây là)[^;.{ANY}]{{0,10}}?(?P<old>{TOKEN})",
        rf"\b(?:distribut\w+|credit\w*|issu\w+|deliver\w*|airdrop\w*|send|sent|allocat\w+|hand(?:s|ed)? out|pay|paid|receiv\w+|get|gets|mint\w*)\b[^;{ANY}]{{0,40}}?(?P<new>{TOKEN}){NOUNS}?[^;{ANY}]{{0,60}}?\b(?:to|for|who|whose|against|based on|holding|held)\b[^;{ANY}]{{0,60}}?(?P<old>{LAST})",
        rf"(?P<new>{TOKEN}){NOUNS}?\s(?:(?:will|shall|to|has|have|be|been|is|are)\s){{1,3}}(?:distributed|paid|issued|credited|given|granted|minted|delivered|allocated|airdropped|handed out|sent|offered|provided)\b[^;{ANY}]{{0,60}}?\b(?:for|against|to|per|on|based on)\b[^;{ANY}]{{0,60}}?(?P<old>{LAST})",
    )
)
# The old token stands first; these words need no other one that speaks of a change.
FORWARD = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<old>{LIST}){GAP}(?:\b(?:becom(?:e|es|ing)|turn(?:s|ed|ing)? (?:in)?to|join(?:s|ed|ing)?|assum\w+ the (?:ticker|name|symbol)(?: of)?|adopt\w* the (?:new )?(?:ticker|name|symbol)(?: of)?|tak(?:e|es|ing) (?:on )?the (?:new )?(?:ticker|name|symbol)(?: of)?|giv(?:e|es|ing) way to|mak(?:e|es|ing) way for|in favou?r of|succeeded by|superseded by|replaced (?:by|with)|folded into|absorbed (?:by|into)|known as|called|(?:trade[sd]?|listed|appear|shown|displayed)(?: (?:under|as))+|rolled into|is now|are now|form(?:s|ed|ing)?|find)\b|→|->|=>){GAP}(?P<new>{TOKEN})",
        rf"(?P<old>{LIST}){GAP}(?:\bnew (?:ticker|symbol|name|token|code)s?(?: is| will be)?|新(?:代[币幣码碼]|名[称稱]?|符[号號])[为為是]?)\s?:?\s?(?P<new>{TOKEN})",
        rf"(?P<old>{LIST}){GAP}\b(?:receiv(?:e|es|ed|ing)|get|gets|obtain|(?:be|are|is|been) (?:credited|paid|given|compensated)(?!\s(?:for|against|to|per|on)\b)(?: with| in)?|exchangeable for|redeemable for)\b{GAP}(?P<new>{TOKEN})",
        rf"\bfor (?:each|every|one|1|your|their)\s(?P<old>{TOKEN}){GAP}(?P<new>{TOKEN})",
    )
)
# Needs a word of change before it or in it.
LINKED = re.compile(
    rf"(?P<old>{LIST})(?P<gap>{GAP})(?:\b(?:to|into|for|as|under|with|in|на|в|sang|thành|lấy)\b|[为為成至到]|[并併]入)(?P<after>[^;.{ANY}]{{0,60}}?)(?P<new>{TOKEN})",
    re.I,
)
# In Japanese, Korean and Turkish that word is an ending of the new token.
LINKED_BEHIND = re.compile(
    rf"(?P<old>{LIST})(?P<gap>{GAP})(?P<new>{TOKEN})(?P<after>\s?(?:'(?:y?[ea]|n[ea])\b|(?:olarak|ile|adıyla|ismiyle|ol(?:uyor|acak|du|ur)|haline)\b|に|へ|と|として|으?로|리브랜딩|브랜드))",
    re.I,
)
# Of these none is said to become another one.
TOGETHER = re.compile(
    rf"(?P<one>{LIST})(?:[^;.{ANY}]{{0,20}}\bmerg\w*)?[^;.{ANY}]{{0,20}}?\s(?:with|ile|с)\s[^;.{ANY}]{{0,30}}?{TOKEN}",
    re.I,
)
