# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The stems and phrases that the rules are made of, as verbose patterns that ignore case.

`§side§` and `§terms§` are the marks of `exchanges.announcements.text.normalise.masked`.
"""

from __future__ import annotations

DELIST = r"\b(?:de-?[ ]?list(?:s|ed|ing|ings|ment)?|un-?list(?:s|ing)?)\b"
REMOVE = r"\b(?:remov(?:e|es|ed|al|ing)|retir(?:e|es|ed|ing|ement)|off-?board(?:s|ed|ing)?|sunset(?:s|ting|ted)?|phas(?:e|es|ed|ing)[ ]out|wind(?:s|ing)?[ ]down|shut(?:s|ting)?[ ]down|drop(?:s|ped|ping)?|deprecat\w+|tak(?:e|es|ing|en)[ ](?:down|offline)|offlin(?:e|es|ed|ing)(?![ ](?:event|meet|activit|payment|course|store|roadshow|party)))\b"
CEASE = r"\b(?:ceas(?:e|es|ed|ing|sation)|cessation|discontinu\w+|terminat\w+|end(?:s|ed|ing)?(?=[ ](?:of[ ])?(?:the[ ])?(?:trading|support|spot|margin|futures))|stop(?:s|ped|ping)?|clos(?:e|es|ed|ing|ure)|no[ ]longer[ ](?:support|be[ ](?:support|available|trad)|available[ ](?:to|for|on)|trad|offer)\w*)"
HALT = r"\b(?:suspen(?:d|ds|ded|ding|sion|sions)|halt(?:s|ed|ing)?|paus(?:e|es|ed|ing)|freez(?:e|es|ing)|frozen|unavailab\w+|disabl(?:e|es|ed|ing)|restrict(?:s|ed|ing|ions?)?|interrupt\w*|outages?)\b"
TRADED = r"(?:spot|margin|futures?|perpetuals?|perps?|contracts?|options?|leveraged[ ]tokens?|etfs?|pairs?|trading|trade|tokenized|stocks?|equit\w+|markets?|listing[ ]of)\b"
ASSETS = r"(?:tokens?|coins?|assets?|cryptos?|cryptocurrenc\w+|digital[ ]assets?|projects?)\b"
WALLET = r"\b(?:deposit(?:s|ing)?|withdraw(?:s|al|als|ing)?|transfers?|funding(?=[ ](?:for|of)\b))\b"
UPGRADE = r"(?:upgrad(?:e|es|ed|ing)|updates?|hard[ -]?forks?|migrations?)\b"
CHAIN = r"(?:network|mainnet|main[ ]net|blockchain|chain|protocol|testnet)"
SWAP = r"""(?:\b(?:token|coin|contract|mainnet|main[ ]net|smart[ ]contract|asset|crypto|chain|ticker|symbol|brand|project)[ ](?:and[ ]token[ ]|&[ ]token[ ])?
    (?:swaps?|migrations?|merge(?:rs?)?|conversions?|rebrand\w*|re-?nam(?:e|ing)|changes?|splits?|redenominations?|re-?denominations?|consolidations?|exchange)\b
  | \bre-?brand(?:s|ed|ing)?\b | \bre-?denominat\w+\b | \b(?:token|contract|smart[ ]contract)[ ]upgrades?\b | \bmerger\b | \bmerge[ ]of\b | \bre-?nam(?:e|es|ed|ing)[ ](?:of|to|token|ticker|from)\b | \brenam(?:ed?|ing)\b
  | \b(?:swaps?|migrat(?:e|es|ion|ions|ing))\b(?=[ ](?:to|from|into|of|plan|for|support|on|is|will|and|program|$)|[ ]?[-:(]|$) | \bticker[ ]change\b
  | (?-i:\b[A-Z0-9]{2,10}[ ]to[ ][A-Z0-9]{2,10})[ ](?:upgrade|conversion)\b | \bswap(?:s|ping)?[ ](?-i:[A-Z0-9]{2,10})[ ](?:to|for|into)\b
  | (?<=\))[ ]upgrade(?=[ ](?:to|into)[ ][\w .]{1,30}\()
  | \b(?:chang|updat|adjust|amend|switch)\w*[ ](?:of[ ])?(?:the[ ]|its[ ]|their[ ])?(?:\w+[ ])?(?:tickers?|token[ ]symbols?)\b
  | \bmigrat\w+[ ](?:the[ ])?(?-i:[A-Z0-9]{2,10})(?:[ ]tokens?)?[ ](?:to|into)[ ](?:the[ ])?(?-i:[A-Z0-9]{2,10})\b | \bmerge(?=[ ]?[:(]|$)
  | \breverse[ ]split\b | \btoken[ ]split\b)"""
COMPLETED = r"\b(?:(?:has|have)[ ](?:been[ ])?(?:successfully[ ])?complet(?:ed|es)|complet(?:es|ed)|completion|is[ ](?:now[ ])?complete|complete(?=\s*(?:[-(.!]|$))|(?:has|have)[ ](?:been[ ])?(?:successfully[ ])?(?:supported|finished|concluded|integrated|upgraded|migrated|swapped)|finish(?:es|ed)|concluded)\b"
# One of them stands in all that COMPLETED matches.
COMPLETED_STEMS = ("complet", "finish", "conclud", "supported", "integrated", "upgraded", "migrated", "swapped")
RESUMED = r"\b(?:resum(?:e|es|ed|ing|ption)|re-?open(?:s|ed|ing)?|restor(?:e|es|ed|ation|ing)|re-?enabl(?:e|es|ed)|re-?list(?:s|ed|ing)?|(?:now|again)[ ]open|open[ ]again|reinstat\w+|back[ ]online|lift(?:s|ed|ing)?[ ]the)\b"
POSTPONED = r"\b(?:postpon\w+|delay(?:s|ed|ing)?|reschedul\w+|defer(?:s|red|ring)?)\b"
CANCELLED = r"\b(?:cancel(?:s|led|ed|ling|lation)?|called[ ]off|revok(?:e|es|ed)|withdrawn|reversed)\b"
LISTING = r"""(?:\b(?:list(?:s|ed)?|listing|launch(?:es|ed|ing)?|introduc(?:es|ing|e)|adds?|open(?:s|ing)?[ ](?:trading|deposits)|initial[ ]listing|new[ ](?:listings?|trading[ ]pairs?|spot|contracts?)
  |premiere|debut|now[ ](?:supports?|available|live)|goes[ ]live|go[ ]live|gets[ ]listed|be[ ]listed|pre-?market|will[ ]open|integrat\w+)\b)"""
PROMOTION = r"""\b(?:earn[ ](?:up|more|points)|rewards?|prize|competition|tournament|giveaway|airdrop(?:s|ped)?|campaign|quiz|word[ ]of[ ]the[ ]day|cashback|bonus(?:es)?|win|grab|share[ ](?:a|of|up|in|\$?\d|your)|challenge|leaderboard
  |contest|carnival|refer|invite|unlock|apr|apy|discount|exclusive|raffle|lottery|draw|hodler|learn|voucher|trade[ ]to[ ]earn|celebrat\w+|enjoy|arena|wheel[ ]of)\b"""
TAG = r"(?:monitoring|observation|watch|special[ ]treatment(?:[ ]\(st\))?|st|risk(?:[ -](?:warning|alert))?|caution(?:ary)?|warning|assessment|alert|innovation)[ -](?:tags?|labels?|zone|list|status|designation|mark)"
# The words between a verb and its object; without a side product among them.
NEAR = r"(?:(?!§)[^.;:]){0,80}?"
# From a verb of ending to a side product, without a traded market between them.
ONLY_SIDE = r"(?:(?!\b(?:spot|margin|futures?|perpetuals?|contracts?|options|leveraged|pairs?)\b)[^.;]){0,70}?§side§"
ONLY_TERMS = ONLY_SIDE.replace("§side§", "§terms§")
# Words of ending after the name of what ends.
ENDED = r"(?:removed|removal|retired|retirement|discontinued|discontinuation|terminated|termination|closed|closes|closing|closure|ceas(?:e|es|ed|ing)|cessation|ends|ended|ending|off-?boarded|off-?boarding|sunset(?:s|ting)?|phased[ ]out|wound[ ]down|shut[ ]down)\b"
ENDING = rf"(?:{DELIST}|{REMOVE}|{CEASE}|{HALT})"
