"""The table of classification rules, in the order in which they are looked at. `§side§` stands for a product that trades nothing
(earn, loans, bots, cards, APIs …), `§terms§` for terms of trade (fees, leverage …): see `exchanges.wording`. Patterns are verbose and ignore case."""

from __future__ import annotations

from exchanges.rules import Rule

# --- words, once -----------------------------------------------------------------------------------------------------
DELIST = r"\bde-?[ ]?list(?:s|ed|ing|ings|ment)?\b"
REMOVE = r"\b(?:remov(?:e|es|ed|al|ing)|retir(?:e|es|ed|ing|ement)|off-?board(?:s|ed|ing)?|sunset(?:s|ting|ted)?|phas(?:e|es|ed|ing)[ ]out|wind(?:s|ing)?[ ]down|shut(?:s|ting)?[ ]down|drop(?:s|ped|ping)?|deprecat\w+)\b"
CEASE = r"\b(?:ceas(?:e|es|ed|ing|sation)|cessation|discontinu\w+|terminat\w+|end(?:s|ed|ing)?(?=[ ](?:of[ ])?(?:the[ ])?(?:trading|support|spot|margin|futures))|stop(?:s|ped|ping)?|clos(?:e|es|ed|ing|ure)|no[ ]longer[ ](?:support|be[ ](?:support|available|trad)|trad|offer)\w*)"
HALT = r"\b(?:suspen(?:d|ds|ded|ding|sion|sions)|halt(?:s|ed|ing)?|paus(?:e|es|ed|ing)|freez(?:e|es|ing)|frozen|unavailab\w+|disabl(?:e|es|ed|ing)|restrict(?:s|ed|ing|ions?)?|interrupt\w*|outages?)\b"
TRADED = r"(?:spot|margin|futures?|perpetuals?|perps?|contracts?|options?|leveraged[ ]tokens?|etfs?|pairs?|trading|trade|tokenized|stocks?|equit\w+|markets?|listing[ ]of)\b"
ASSETS = r"(?:tokens?|coins?|assets?|cryptos?|cryptocurrenc\w+|digital[ ]assets?|projects?)\b"
WALLET = r"\b(?:deposit(?:s|ing)?|withdraw(?:s|al|als|ing)?|transfers?)\b"
UPGRADE = r"(?:upgrad(?:e|es|ed|ing)|updates?|hard[ -]?forks?|migrations?)\b"
CHAIN = r"(?:network|mainnet|main[ ]net|blockchain|chain|protocol|testnet)"
SWAP = r"""(?:\b(?:token|coin|contract|mainnet|main[ ]net|smart[ ]contract|asset|crypto|chain|ticker|symbol|brand|project)[ ](?:and[ ]token[ ]|&[ ]token[ ])?
    (?:swaps?|migrations?|mergers?|conversions?|rebrand\w*|re-?nam(?:e|ing)|changes?|splits?|redenominations?|re-?denominations?|consolidations?|exchange)\b
  | \bre-?brand(?:s|ed|ing)?\b | \bre-?denominat\w+\b | \b(?:token|contract|smart[ ]contract)[ ]upgrades?\b | \bmerger\b | \bmerge[ ]of\b | \bre-?nam(?:e|es|ed|ing)[ ](?:of|to|token|ticker|from)\b | \brenam(?:ed?|ing)\b
  | \b(?:swaps?|migrat(?:e|es|ion|ions|ing))\b(?=[ ](?:to|from|into|of|plan|for|support|on|is|will|and|program|$)|[ ]?[-:(]|$) | \bticker[ ]change\b
  | \breverse[ ]split\b | \btoken[ ]split\b)"""
COMPLETED = r"\b(?:(?:has|have)[ ](?:been[ ])?(?:successfully[ ])?complet(?:ed|es)|complet(?:es|ed)|completion|is[ ](?:now[ ])?complete|complete(?=\s*(?:[-(.!]|$))|(?:has|have)[ ](?:been[ ])?(?:successfully[ ])?(?:supported|finished|concluded|integrated|upgraded|migrated|swapped)|finish(?:es|ed)|concluded)\b"
RESUMED = r"\b(?:resum(?:e|es|ed|ing|ption)|re-?open(?:s|ed|ing)?|restor(?:e|es|ed|ation|ing)|re-?enabl(?:e|es|ed)|re-?list(?:s|ed|ing)?|reinstat\w+|back[ ]online|lift(?:s|ed|ing)?[ ]the)\b"
POSTPONED = r"\b(?:postpon\w+|delay(?:s|ed|ing)?|reschedul\w+|defer(?:s|red|ring)?)\b"
CANCELLED = r"\b(?:cancel(?:s|led|ed|ling|lation)?|called[ ]off|revok(?:e|es|ed)|withdrawn|reversed)\b"
LISTING = r"""(?:\b(?:list(?:s|ed)?|listing|launch(?:es|ed|ing)?|introduc(?:es|ing|e)|adds?|open(?:s|ing)?[ ](?:trading|deposits)|initial[ ]listing|new[ ](?:listings?|trading[ ]pairs?|spot|contracts?)
  |premiere|debut|now[ ](?:supports?|available|live)|goes[ ]live|go[ ]live|gets[ ]listed|be[ ]listed|pre-?market|will[ ]open|integrat\w+)\b)"""
PROMOTION = r"""\b(?:earn[ ](?:up|more|points)|rewards?|prize|competition|tournament|giveaway|airdrop(?:s|ped)?|campaign|quiz|word[ ]of[ ]the[ ]day|cashback|bonus(?:es)?|win|grab|share[ ](?:a|of|up|in|\$?\d|your)|challenge|leaderboard
  |contest|carnival|refer|invite|unlock|apr|apy|discount|exclusive|raffle|lottery|draw|hodler|learn|voucher|trade[ ]to[ ]earn|celebrat\w+|enjoy|arena|wheel[ ]of)\b"""
TAG = r"(?:monitoring|observation|watch|special[ ]treatment(?:[ ]\(st\))?|st|risk(?:[ -](?:warning|alert))?|caution(?:ary)?|warning|assessment|alert|innovation)[ -](?:tags?|labels?|zone|list|status|designation|mark)"
# The words between a verb and what it acts on; no side product may stand between.
NEAR = r"(?:(?!§)[^.;:]){0,80}?"
# From a verb of ending to a side product without any traded market in between.
ONLY_SIDE = r"(?:(?!\b(?:spot|margin|futures?|perpetuals?|contracts?|options|leveraged|pairs?)\b)[^.;]){0,70}?§side§"
ONLY_TERMS = ONLY_SIDE.replace("§side§", "§terms§")
ENDING = rf"(?:{DELIST}|{REMOVE}|{CEASE}|{HALT})"

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            # --- what is no event although it says delist, remove or cease ---------------------------------------
            Rule(
                10,
                "moves-up-from-alpha",
                False,
                None,
                "A token that is listed on the exchange leaves the early-access market by that.",
                title=rf"\blist(?:s|ed|ing)?\b.*{ENDING}.{{0,30}}\balpha\b",
                unless=rf"{DELIST}.*\blist\b",
            ),
            Rule(
                11,
                "side-product-ends-in-subject",
                False,
                None,
                "Only a product that trades nothing itself (earn, loans, bots, cards, an API) removes something.",
                title=rf"^(?:(?!\b(?:spot|margin|futures?|perpetuals?|options|delist\w*|remov\w*|ceas\w*|suspen\w*|halt\w*)\b)[^.;]){{0,60}}?§side§[^.;]{{0,40}}?\b(?:will|to|has|have|is|are|shall)?\b[^.;]{{0,20}}?{ENDING}",
                unless=rf"{ENDING}.*\b(?:from|on)\b.*\b(?:spot|futures|margin)\b(?!.{{0,4}}§side§)",
            ),
            Rule(
                12,
                "side-product-ends-as-object",
                False,
                None,
                "What is removed or ends is a product that trades nothing itself; trading of the pairs goes on.",
                title=rf"{ENDING}{ONLY_SIDE}|(?:{REMOVE}|{CEASE}){ONLY_TERMS}",
                unless=rf"""{ENDING}(?:(?!§side§)[^;])*\b(?:spot|futures?|perpetuals?|contracts?|margin|options|pairs|tokens)\b
                    | {ENDING}.*\b(?:and|&)\b.*{ENDING}(?!{ONLY_SIDE}) | \bmargin\b(?:[ ]and[ ]§side§)?[ ](?:will|to)\b""",
            ),
            Rule(
                13,
                "wallet-app",
                False,
                None,
                "The exchange's self-custody wallet or its NFT market changes, not the exchange.",
                title=r"^(?:\[?\w+\]?[ ])?(?:binance|okx|okex|kucoin|bybit|bitget|gate|web3|coinbase)[ ](?:web3[ ])?(?:wallet|nft)\b",
                raw=True,
                unless=r"^wallet[ ]maintenance",
            ),
            Rule(
                14,
                "tag-removed",
                False,
                "risk_warning",
                "A monitoring or seed tag is lifted and none is set.",
                title=rf"(?:{REMOVE}|\blift\w*|\bcancel\w*)[^.;]{{0,40}}?\b(?:seed|{TAG})",
                phase="resumed",
                unless=r"\b(?:extend\w*|add(?:s|ed|ing)?|includ\w+|appl(?:y|ies|ied)|assign\w*|plac(?:e|ed|es)|impos\w+)\b|\bdelist\w*",
            ),
            Rule(
                15,
                "seed-tag",
                False,
                None,
                "A listing that carries a seed tag.",
                title=r"\bseed[ ]tag\b",
                unless=rf"\bmonitoring\b|{DELIST}",
            ),
            Rule(
                16,
                "listing-postponed",
                False,
                None,
                "A listing, a launch or a first day of trading is put off; nothing that trades is at risk.",
                title=rf"(?:(?:\blisting|\blaunch\w*|trading[ ]start|\bopening|\btrading[ ]of|start[ ]of[ ]trading|\bairdrop|\bcampaign|\bpromotion|\badjust\w*).*(?:{POSTPONED}|{CANCELLED})|(?:{POSTPONED}|{CANCELLED}).*(?:\blisting|\blaunch|trading[ ]start|\bopening|\btrading[ ]of|start[ ]of[ ]trading|\badjust\w*))",
                unless=DELIST,
                phase="postponed",
            ),
            Rule(
                17,
                "server-or-platform-move",
                False,
                None,
                "Servers, accounts or a pre-market contract move; no token does.",
                title=r"\b(?:server|data[ ]?cent(?:er|re)|accounts?|sub-?account|pre-?market|platform|app|system|database|infrastructure|domain|users?)\b.{0,60}\bmigrat\w+|\bmigrat\w+.{0,60}\b(?:servers?|accounts?|pre-?market|platform|app|system|data[ ]?cent(?:er|re)|formal|standard)\b|\bpre-?market\b.{0,80}\bstandard\b",
                unless=rf"{DELIST}|token[ ](?:swap|migration)|crypto[ ]migration",
            ),
            # --- what ends an event --------------------------------------------------------------------------------
            Rule(
                20,
                "delisting-cancelled",
                False,
                "delisting",
                "A removal that was announced does not happen.",
                title=rf"(?:{DELIST}|{REMOVE}).*{CANCELLED}|{CANCELLED}.*(?:{DELIST}|\bremoval\b)",
                phase="cancelled",
            ),
            Rule(
                21,
                "delisting-in-force",
                True,
                "delisting",
                "The removal has happened: nothing of it can be traded.",
                title=rf"\b(?:has|have)[ ](?:been[ ])?(?:now[ ])?(?:delisted|removed)\b{NEAR}\w",
                phase="completed",
                unless=r"\btags?\b|\bfees?\b|§side§",
            ),
            Rule(
                22,
                "swap-completed",
                False,
                "token_migration",
                "A swap, a migration or a renaming is done.",
                title=rf"{COMPLETED}.*{SWAP}|{SWAP}.*{COMPLETED}",
                phase="completed",
                unless=DELIST,
            ),
            Rule(
                23,
                "upgrade-completed",
                False,
                "network_upgrade",
                "A network upgrade or hard fork is done.",
                title=rf"{COMPLETED}.*(?:{CHAIN}[ ]{UPGRADE}|hard[ -]?fork)|(?:{CHAIN}[ ]{UPGRADE}|hard[ -]?fork).*(?:{COMPLETED}|{RESUMED})",
                phase="completed",
                unless=DELIST,
            ),
            Rule(
                24,
                "maintenance-completed",
                False,
                "wallet_suspension",
                "A wallet maintenance is done.",
                title=rf"(?:wallet|network)[ ]maintenance.*(?:{COMPLETED}|{RESUMED})|{COMPLETED}.*(?:wallet|network)[ ]maintenance",
                phase="completed",
            ),
            Rule(
                25,
                "wallet-resumed",
                False,
                "wallet_suspension",
                "Deposits or withdrawals are open again.",
                title=rf"{RESUMED}[^.;]{{0,80}}{WALLET}|{WALLET}[^.;]{{0,80}}{RESUMED}",
                phase="resumed",
                unless=rf"{DELIST}|\btrad(?:e|ing)\b|{HALT}",
            ),
            Rule(
                26,
                "trading-resumed",
                False,
                "trading_suspension",
                "Trading that stood still goes on.",
                title=rf"{RESUMED}.*\b(?:trad(?:e|ing)|spot|futures|options|margin|market)\b|\b(?:trad(?:e|ing)|spot|futures|options|margin|services?)\b.*{RESUMED}|(?:system|temporary)[ ](?:maintenance|upgrade).*{COMPLETED}|{COMPLETED}.*system[ ](?:maintenance|upgrade)",
                phase="resumed",
                unless=DELIST,
            ),
            Rule(
                27,
                "completed",
                False,
                None,
                "Something else is done: an integration, a sale, a distribution.",
                title=rf"(?:^\S+[ ](?:\S+[ ])?|^){COMPLETED}",
                phase="completed",
                unless=rf"{DELIST}|{HALT}",
            ),
            # --- events by title -------------------------------------------------------------------------------------
            Rule(
                30,
                "delisting",
                True,
                "delisting",
                "The title says that something traded is delisted.",
                title=DELIST,
            ),
            Rule(
                31,
                "wallet-support-ends",
                True,
                "wallet_suspension",
                "Deposits or withdrawals end for good, on some networks or on all.",
                title=rf"(?:{CEASE}|{REMOVE}|{HALT}){NEAR}(?:{WALLET}|\bmainnet[ ]support|\bnetwork[ ]support|\bsupport[ ]for[ ](?:the[ ])?[\w() -]{{1,40}}networks?\b)",
                unless=rf"\btrading\b|\btrades?\b|{SWAP}|{DELIST}|{LISTING}.*{WALLET}",
            ),
            Rule(
                32,
                "trading-suspended",
                True,
                "trading_suspension",
                "Trading of something stops, for a time or until further notice.",
                title=rf"{HALT}{NEAR}(?:\btrading\b|\btrades\b|\bspot\b|\bfutures\b|\bperpetual|\boptions\b|\bpositions?\b|\bpairs?\b|\bcontracts?\b|\bmarkets?\b|\bmatching\b)|(?:\btrading\b|\bpositions?\b|\bspot\b|\bfutures\b|\boptions\b|\bpairs?\b)[^.;]{{0,60}}?{HALT}|\btrading[ ]halts?\b|\bcircuit[ ]breaker",
                unless=rf"\bpromotion|\bfees?\b|{SWAP}",
            ),
            Rule(
                33,
                "removal-of-traded",
                True,
                "delisting",
                "Pairs, contracts, tokens or their trading are removed or end.",
                title=rf"(?:{REMOVE}|{CEASE}){NEAR}\b(?:{TRADED}|{ASSETS})|\b(?:{TRADED}|{ASSETS})[^.;]{{0,40}}?(?:{REMOVE}|{CEASE})",
                unless=rf"\btags?\b|\bpromotion|\bfees?\b|\brestrict\w*|\blimits?\b|{SWAP}|\bend(?:s|ing)?[ ]of[ ](?:year|month)|^(?:(?!{REMOVE}|{CEASE}).)*{PROMOTION}|stop[ ](?:loss|order)|self-trade|\bcompetition|\bdistribution\b",
            ),
            Rule(
                34,
                "venue-removes",
                True,
                "delisting",
                "The exchange removes named tokens, or ends its support for them.",
                title=rf"\b(?:will|to|has|is|are)\b[ ]?(?:be[ ])?(?:permanently[ ])?(?:{REMOVE}|{CEASE}[ ](?:all[ ])?support)(?!{ONLY_SIDE})|{CEASE}[ ](?:of[ ])?(?:all[ ])?support[ ]for(?!{ONLY_SIDE})|\bremoval[ ]of\b(?!{ONLY_SIDE})|^(?:notice|announcement)[^.;]{{0,30}}(?:remov\w+|off-?board\w*|terminat\w+)(?!{ONLY_SIDE})",
                unless=rf"\btags?\b|\bfees?\b|§side§|\blimits?\b|\brestrict\w*|{SWAP}|{WALLET}|{PROMOTION}|\bapi\b|\bkyc\b|\bcountr(?:y|ies)\b|\bregions?\b",
            ),
            Rule(
                40,
                "hard-fork",
                True,
                "hard_fork",
                "A network forks.",
                title=r"\bhard[ -]?forks?\b|\bforks?\b(?=.*\b(?:network|chain|upgrade|support|token)\b)|\b(?:network|chain)\b.*\bforks?\b",
            ),
            Rule(
                41,
                "network-upgrade",
                True,
                "network_upgrade",
                "A network is upgraded or moves to another chain.",
                title=rf"\b{CHAIN}\b(?:[ ]?\([^)]*\))?[ ]?(?:and[ ]\S+[ ])?{UPGRADE}|\bupgrad(?:e|es|ing)[ ](?:of|to|on)[ ][^.;]{{0,40}}?\b{CHAIN}\b|\b(?:network|mainnet)[ ](?:consensus[ ]|protocol[ ])?(?:upgrad\w+|update)|\bsupport[ ]the[ ][^.;]{{0,60}}\([A-Z0-9]+\)[ ]upgrade",
                unless=rf"{SWAP}(?<!network[ ]migration)(?<!network[ ]migrations)(?<!chain[ ]upgrade)|\b(?:api|app|wallet|platform|program|server|trading[ ]system)\b.{{0,20}}upgrad|mainnet[ ](?:and[ ]token[ ])?swap",
            ),
            Rule(
                38,
                "moves-between-markets",
                True,
                "trading_suspension",
                "A token moves from one market of the exchange to another: its old pair stops, deposits pause.",
                title=r"\bmigrat\w+[ ](?:[^.;]{0,30}[ ])?to[ ][^.;]{0,30}\b(?:spot|main[ ](?:zone|market|board)|standard[ ]market)\b",
                unless=r"\b(?:pre-?market|perpetual|contract|server|account|copy)",
                market="spot",
            ),
            Rule(
                42,
                "token-migration",
                True,
                "token_migration",
                "A token is swapped, renamed, merged or moved to another contract.",
                title=SWAP,
                unless=r"\b(?:perpetual|liquid|inverse|crypto[ ]perp)[ ]swaps?\b|\bserver\b|\baccounts?\b|\bpre-?market\b|§side§[ ]migrat|\bswap[ ](?:farming|feature|function|zone)|\binterest\b|\bfees?\b",
            ),
            Rule(
                45,
                "risk-warning",
                True,
                "risk_warning",
                "A token gets a warning: a monitoring tag, an investment warning.",
                title=rf"\b{TAG}|\b(?:investment|trading|delisting|st)[ ](?:warning|caution|alert)|\b(?:risk|volatility)[ ](?:warning|alert|notice|reminder)\b(?!\s*$)|\bprice[ ]volatility[ ]of\b|\bdesignat\w+[ ](?:as|of).{{0,40}}\b(?:warning|caution|watch)|\b(?:cautionary|watch-?list)\b|\bunder[ ](?:review|observation)\b|\babnormal[ ](?:price|trading|volatility)",
                unless=rf"(?:{LISTING}).*\brisk[ ]warning|\binnovation[ ]zone\b|{PROMOTION}|\bscams?\b|\bphishing\b|\bfraud\w*|\bquiz\b",
            ),
            Rule(
                50,
                "wallet-maintenance",
                True,
                "wallet_suspension",
                "Deposits and withdrawals on a network stop for maintenance.",
                title=rf"\bwallet[ ](?:system[ ])?(?:maintenance|upgrad\w+)|\b(?:network|chain|mainnet|node)\b[^.;]{{0,30}}\bmaintenance|\bmaintenance\b[^.;]{{0,60}}\b(?:network|chain|mainnet|wallets?|node)\b|{WALLET}[^.;]{{0,40}}\bmaintenance|\bmaintenance[^.;]{{0,40}}{WALLET}",
                unless=rf"{RESUMED}|\bfiat\b.*\bapp\b",
            ),
            Rule(
                51,
                "wallet-suspended",
                True,
                "wallet_suspension",
                "Deposits or withdrawals stop, for a time or until further notice.",
                title=rf"(?:{HALT}|{CEASE}|\bdelay(?:s|ed)?\b){NEAR}{WALLET}|{WALLET}{NEAR}(?:{HALT}|{CEASE}|\bdelay(?:s|ed)?\b)|\bwithdrawal[ ]outage|\bwithdrawals?[ ]of[ ]delisted",
                unless=rf"{PROMOTION}|\bfees?\b|\bcompensat\w+",
            ),
            Rule(
                55,
                "market-maintenance",
                True,
                "trading_suspension",
                "A whole market stands still for maintenance or an upgrade.",
                title=r"\b(?:system|trading|matching|exchange|futures|spot|options|margin|platform)\b[^.;]{0,40}\b(?:maintenance|upgrad(?:e|es|ing)|outage)\b|\b(?:maintenance|upgrad(?:e|es|ing)|outage)\b[^.;]{0,40}\b(?:system|trading|matching|futures|spot|options|margin)\b",
                body=r"\btrading\b[^.]{0,80}\b(?:suspended|paused|halted|unavailable|stopped|interrupted)\b|\b(?:suspend|halt|pause|stop)s?\b[^.]{0,40}\btrading\b|\b(?:unable|not[ ]be[ ]able)[ ]to[ ]trade\b",
                body_unless=r"\b(?:not|unaffected|without)\b[^.]{0,30}\b(?:suspended|affected|halted|paused)|§side§[^.]{0,40}\b(?:suspended|paused|halted)|\bup[ ]to\b.{0,20}\bminute",
                unless=r"§|\border[ ](?:type|service)|\bconditional\b|\bprogram\b|\bcomplet\w+|\bmargin[ ]account|\bstop[ ]order|\bportfolio\b|\bfeatures?\b|\binterface|\bpages?\b|\bui\b|\bnow\b|\bmarket[ ]maker",
            ),
            # --- titles that say why a notice is none: nothing in their bodies is looked at ---------------------------
            Rule(
                60,
                "promotion",
                False,
                None,
                "A promotion; its conditions speak of removal and suspension.",
                title=PROMOTION,
            ),
            Rule(
                61,
                "product-terms",
                False,
                None,
                "Terms of a product change (fees, tick size, leverage, funding, an API): trading goes on.",
                title=r"§side§|§terms§|\bfunding[ ]rates?\b|\bminimum[ ]\w+|\border[ ]size|\bpoints\b|\brules\b|\bprogram\b|\bdecimal|\bprecision\b|\bspecifications?\b|\bmulti-assets[ ]mode\b|\brisk[ ]limits?\b|\bliquidat\w+|\bself-trade|\bstop[ ]orders?\b|\bnotional\b|\bmark[ ]price\b|\bposition[ ]tiers?\b|\bdiscount[ ]rate",
            ),
            Rule(62, "listing", False, None, "Something new is listed, launched, added or supported.", title=LISTING),
            # --- events that only the body tells -----------------------------------------------------------------------
            Rule(
                70,
                "body-removal",
                True,
                "delisting",
                "The body says that the exchange will delist or stop trading something.",
                body=rf"\b(?:we|\w+)[ ](?:will|shall|have[ ]decided[ ]to|has[ ]decided[ ]to|decided[ ]to|plans?[ ]to)[ ](?:be[ ])?(?:{DELIST}|remove[ ]and[ ]cease[ ]trading|cease[ ]trading|stop[ ]trading|remove{NEAR}\b(?:trading[ ]pairs?|perpetual|contracts?|spot|margin)\b)|\b(?:pairs?|tokens?|contracts?)[^.]{{0,40}}[ ]will[ ]be[ ](?:delisted|removed)\b",
                body_unless=r"\balpha\b|\bmay\b|\bif\b|§side§|\brisk[ ]of\b|\bwatch|\bopen[ ]orders\b|\bexpir\w+|\bonce\b|\bpre-?market\b|\bwhether\b|\bconsider",
            ),
            Rule(
                71,
                "body-halt",
                True,
                "trading_suspension",
                "The body says that trading stops.",
                body=r"\b(?:all[ ])?(?:spot[ ]|futures[ ]|options[ ]|margin[ ])?trading(?:[ ]and[ ]liquidations?)?(?:[ ](?:of|on|for|in)[ ][^.]{1,60})?[ ](?:services[ ])?(?:will[ ]be|is|has[ ]been|have[ ]been|was)[ ](?:temporarily[ ])?(?:paused|suspended|halted)\b|\b(?:will|has|have)[ ](?:temporarily[ ])?(?:suspend|halt|pause)(?:ed)?[ ](?:all[ ])?(?:spot[ ]|futures[ ])?trading\b",
                body_unless=r"§side§|\bif\b|\bmay\b|\bnot[ ]be\b|\bresum(?:ed|es)\b.*\bwas\b|\bone[ ]minute|\bwithin\b.{0,20}\bminutes?\b",
            ),
            Rule(
                72,
                "body-wallet",
                True,
                "wallet_suspension",
                "The body says that deposits or withdrawals stop.",
                body=rf"\b(?:deposits?|withdrawals?)\b[^.]{{0,80}}[ ](?:will[ ]be|have[ ]been|has[ ]been|are[ ](?:now[ ])?|is[ ](?:now[ ])?)[ ]?(?:now[ ]|also[ ]|temporarily[ ]|permanently[ ])*(?:suspended|halted|paused|discontinued|closed)\b|\b(?:will|has|have)[ ](?:temporarily[ ]|permanently[ ])?(?:suspend|halt|pause|cease)(?:ed)?[ ](?:all[ ]|the[ ])*(?:{WALLET})",
                body_unless=r"§side§|\bif\b|\bmay\b|\bnot[ ]be\b|\buntil\b.{0,30}\b(?:open|list)",
            ),
        ),
        key=lambda rule: rule.rank,
    )
)
