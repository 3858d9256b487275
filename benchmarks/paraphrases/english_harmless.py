# ruff: noqa: E501 (a phrase is easier to read on one line)
"""English phrases of notices that put nothing at risk, as near as possible to those of `english`."""

from __future__ import annotations

from benchmarks.paraphrases.grammar import Theme

ENDED = Theme(
    False,
    """
[Trading of|Trading in|Deposits of|Withdrawals of|Deposits and withdrawals of] {coins} [resumed|has resumed|have resumed|reopened|is open again|restored|back to normal|are available again] [on {date}|]
[{ex}|] [resumes|reopens|restores|has resumed|has reopened] [{coin}|{name} network|{pairs}|] [deposits|withdrawals|trading|deposits and withdrawals|spot trading]
[{name} ({coin})|{coin}] [network upgrade|hard fork|token swap|migration|rebranding|wallet maintenance] [completed|complete|is done|finished|successfully concluded] [, deposits open|]
[{ex}|] [has completed|completes|has finished|completed] the [{name} ({coin})|{coin}] [swap|migration|network upgrade|redenomination|airdrop|integration|hard fork]
[Monitoring tag|Risk warning|Special treatment label|Caution label|Seed tag|Watch list entry] [removed from|lifted for|no longer applies to|cancelled for] {coins}
[Delisting|Removal|Trading halt|Hard fork|Planned maintenance] of [{coin}|{pair}] [cancelled|called off|will not take place|withdrawn|revoked]
[All systems|Services|Matching engine|Futures trading] [back online|restored|operating normally|fully operational]
[False|Fake|Untrue] [reports|rumours|claims] [of|about] [a delisting of {coin}|{coin} being delisted|a withdrawal halt]: [our statement|clarification|please beware]
[Trading|Contract trading|{coin} transfers|All markets|The {coin} wallet] [is|are] [running again|back|up again|working again|open once more]
[Removal|Closing|Delisting] of [{perps}|{pair}|{coin}] is [called off|off the table|cancelled|not happening]
[{ex}|] [removes|lifts|takes away|drops] the [monitoring tag|special treatment mark|seed tag|caution label] [for|from] {coins} [and the seed tag for {coins}|on {date}|]
[{coin}|{name}]? [Answers to your questions|What we know|No, we are not delisting it|Why nothing changes for you]
""",
    """
[Trading in|Deposits of|Withdrawals of|Deposits and withdrawals of] [{coins}|{pairs}|{name} ({coin})] [have resumed|has resumed|are open again|were restored|are available again] [as of {date}|at {date}|]. [The maintenance is finished.|The upgrade was successful.|The suspension is over.|]
The [network upgrade|hard fork|swap|migration|maintenance] of [{name} ({coin})|{coin}] [has been completed|is complete|went well|is finished]. [Deposits and withdrawals are now open.|Balances have been credited.|{pair} is open for trading.]
[{coins}|{name} ({coin})] [no longer carries|loses|has been freed from] the [monitoring tag|risk label|seed tag|caution mark] after our review. [Nothing else changes.|Trading continues as usual.|]
[{coin}|{pair}] [will not be delisted|remains listed|stays available|continues to trade]. [Reports to the contrary are false.|The planned removal is cancelled.|]
[Good news|All clear]: [{perps}|{pair}] [will not be removed|stays|is kept] [on {date}|after all]. [The liquidity provider is back.|The team met our conditions.|]
The [engine|node|wallet|upgrade] was [installed|repaired|replaced] in {n} minutes. All [markets|contracts|wallets] are open since {time} UTC.
[Several clients asked whether|Many of you asked if] we will [support the fork of {name}|delist {coin}]. [We never listed it|We have no such plan], so no [deposits, withdrawals or trading|balances] are [involved|affected].
Following [a|our] recent review, {ex} will remove the [monitoring tag|seed tag] for {coins} on {date}. [Tokens with the tag are at risk of being delisted.|Users no longer need to pass the quiz.|]
""",
)
LISTINGS = Theme(
    False,
    """
[{ex}|] [will list|lists|to list|adds|launches|introduces|welcomes|opens trading for] [{name} ({coin})|{coins}|{pairs}|{perps} perpetual|new trading pairs] [with seed tag applied|on {date}|with up to {n}x leverage|in the innovation zone|]
[New listing|New pair|New market|Initial listing|Now live|Debut|Coming soon]: [{name} ({coin})|{pairs}|{perps}]
[{pairs}|{name} ({coin})|{perps}] [now available|goes live|starts trading|opens for trading|is here|can now be traded] [on {ex}|] [on {date}|]
[Listing|Launch|Opening|First trading] of [{name} ({coin})|{coin}|{perps}] [postponed|delayed|rescheduled|brought forward|moved to {date}]
[{name} ({coin})|{coin}] [moves|graduates|moves up] from [Alpha|early access|pre-market|the incubator] to [spot|the main market|standard trading]
[Deposits|Deposits and withdrawals] [of|for] {coin} [on|via] the {name} network [now open|are enabled|go live|now supported]
[{ex}|] [completes integration of|now supports|integrates|adds support for] [{coin}|{name} ({coin})] on [{name}|the {name} network]
[{ex}|] [opens|adds] [{coins}|{pairs}] [on|to] [margin|cross margin|isolated margin|convert|earn] [and new pairs|]
Introducing {name} ({coin}) [on {ex} Launchpool|on HODLer Airdrops|: subscribe and get {coin}|token sale]
[{ex} Futures|{ex}|] [converts|will convert|moves] [{perps}|the {coin} contract] from [pre-market|pre-listing] to [standard|regular] perpetual trading [({date})|]
""",
    """
[{ex} will|We will|We] [list|open trading for|launch|add] [{name} ({coin})|{pairs}|{perps}] [at|on] {date}. [Deposits are open now.|Withdrawals open at {date}.|Users can start depositing {coin}.] [{ex} may delist or suspend the token at any time.|]
[{coin}|{name} ({coin})] [will be removed from|leaves] [Alpha|the early-access market|pre-market trading] [once|because|when] [spot trading opens|it is listed on spot]; [holdings move to your spot account|balances are transferred].
The [listing|launch] of [{name} ({coin})|{pairs}] [planned for {date}|] [is postponed|has been moved] to {date}. [Deposits stay open.|]
[{ex} has|We have] [completed the integration of|enabled deposits of|added] {coin} on the {name} network; [deposits and withdrawals are open|the contract address is below].
""",
)
PROMOTIONS = Theme(
    False,
    """
[Trade|Deposit|Hold|Stake|Refer friends and|Complete tasks and|Buy crypto and] [{coin}|] [to|and] [share|win|earn|grab|unlock] [{amount} {quote}|a prize pool of {amount} {quote}|up to {amount} {quote} in rewards|vouchers]
[{coin}|{name}|Weekly|Spring|Futures] [trading competition|tournament|campaign|challenge|carnival|giveaway|airdrop|quiz|lucky draw] [: share {amount} {quote}|- {amount} {quote} up for grabs|extended|]
[Quiz|Academy quiz|Word of the day|Learn and earn]: [what is a hard fork|what happens when a token is delisted|how network upgrades work|understanding token swaps|test your knowledge of withdrawals] [? Win {amount} {quote}|]
[Zero|Lower|Discounted|Reduced] [fees|maker fees|trading fees] [on|for] [{pairs}|spot trading|{coin} pairs] [until {date}|]
[{coin}|{name}] [airdrop|reward|token voucher] [distribution|programme] [completed|: details|for {coin} holders]
[AMA|Live session|Meet-up|Webinar|Roadshow] [with|:] [{name}|the {name} team|our CEO] [on {date}|]
[Campaign|Promotion|Bonus programme|Cashback offer] [ends soon|ends on {date}|extended|terms updated|discontinued]
[{ex}|] [supports|celebrates|marks] the [{name} ({coin})|{coin}] [listing anniversary|birthday|mainnet launch party|community day]
[Trading|Futures|Delisting|Wallet|Security] [quiz|course|masterclass|webinar]: [earn {amount} {quote}|learn how it works|sign up]
""",
    """
[During|Throughout] the [campaign|promotion|competition] period [({date} - {date})|from {date} to {date}|], [users who|eligible users that] [trade|deposit|hold] [{coin}|at least {amount} {quote}] [will share|share|can win] [a pool of|] {amount} {quote} [in rewards|].
{ex} reserves the right to [cancel|amend|suspend|terminate|end] the [campaign|promotion|activity] at any time [without notice|]. [Participants that cheat are disqualified and removed.|]
[Answer|Complete] [five questions|the quiz|the course] about [hard forks|delisting rules|wallet maintenance|token migrations] and [receive|earn|share] {amount} {quote}. [Rewards are distributed before {date}.|]
[Join us|Tune in] on {date} for [a live talk|an AMA|a webinar] with {name} about [their network upgrade|the road map|their new mainnet|token swaps].
Trade {coin} [between {date} and {date}|from {date} to {date}] and share {amount} {coin}. Accounts [found to be cheating|with wash trades] will be [suspended and removed from the ranking|disqualified]. {ex} may [end|cancel|change] the event.
""",
)
SIDE = Theme(
    False,
    """
[{ex} Earn|{ex} Loans|Simple Earn|Staking|Savings|Copy trading|Trading bots|Convert|P2P|Gift cards|Buy crypto|Dual investment|Cloud mining|Launchpool|Auto-invest] [will|to] [remove|delist|discontinue|drop|stop supporting|end] [{coins}|{coin} products|selected assets|support for {coins}] [on {date}|]
[Removal|Delisting|Retirement|Termination|Suspension] of [{coins}|{n} assets|selected tokens|{pairs}] [from|as] [loans|collateral|staking|savings|copy trading|grid bots|convert|earn products|loanable assets|the collateral list|the VIP loan list|P2P|the card]
[API|WebSocket|Endpoint|FIX|SDK|REST v2] [retirement|change|upgrade|deprecation|sunset|will be discontinued|notice|end of life] [on {date}|]
[App|Mobile app|Android version|Website|Help centre|Identity verification|KYC|Customer chat|Login] [maintenance|upgrade|unavailable|update|end of support for old versions] [on {date}|]
[{quote}|Bank transfer|Card|SEPA|Fiat|PIX] [fiat channel|deposits by bank|payments|top-ups] [maintenance|paused|temporarily unavailable|discontinued|restored] [on {date}|]
[Conversion|Clean-up] of [small balances|dust|leftover balances of delisted tokens]
[Savings|Staking|Locked products|Flexible earn] [for|of] {coins} [ends|will be closed|discontinued|redeemed early]
[Copy trading|Grid bots|Signal trading|Strategy trading] [on|for] [{perps}|{pairs}] [will be switched off|is discontinued|stops]
[Planned|Scheduled|Short] [maintenance|downtime|update] of [the mobile app|our website|the help centre|card payments|bank transfers|the login page|the tax export] [, {date}|on {date}|]
[Trading bot|Grid bot|Copy trading|Strategy]: [grid pairs to be removed|pairs no longer offered|{pairs} removed] [on {date}|]
[API v1|The old REST interface|Public endpoints|FIX 4.2|The legacy websocket] [is being retired|goes away|will be shut down|is switched off] [on {date}|]
[{quote} deposits and withdrawals|Bank deposits in {quote}|{quote} cash-out|Withdrawals to cards] [under maintenance|paused for bank holiday|unavailable on {date}|slower than usual]
[Mining pool|NFT market|Inscription page|Web3 swap page|Gift shop|Social feed|Ventures fund] [ends|closes|to close|is sunset|retires] [: mining of {coin}|on {date}|]
[Convert|Instant buy|P2P|Recurring buy] [no longer offers|drops|stops quoting|removes] [{coins}|{quote}|some pairs] [on {date}|]
""",
    """
[{coins}|These assets|The assets below] will be [removed|withdrawn|dropped] from [the collateral list|flexible loans|savings|staking|copy trading|our bots|convert|buy crypto] [at|on] {date}. [Spot trading is not affected.|Trading, deposits and withdrawals continue as usual.|]
[The old endpoints|Version 2 of the API|The stream|Keys without IP] [will be retired|stop working|are switched off|will be discontinued] on {date}; please [move to|use] the new one. [Trading is not affected.|]
[The app|Identity checks|Bank transfers in {quote}|Card payments|The help centre] will be [unavailable|under maintenance|suspended] [from {date} to {date}|for {n} hours on {date}]; [trading, deposits and withdrawals of crypto are not affected|crypto trading continues].
[Subscriptions|New loans|Redemptions] of [{coin} products|{coins}] [end|close|stop] [at|on] {date}; [assets return to your spot wallet|principal and interest are paid back|loans should be repaid].
[Our|The] mobile app will be [unavailable|offline|in maintenance] on {date} from {time} to {time} UTC while we roll out a new version. Trading on the web and over the API, deposits and withdrawals [work as usual|are not affected|continue].
Endpoints below [/api/v1|/v2] will be [shut down|switched off|removed] on {date}. Please [switch|move] to the new version before then. [Symbols remain the same.|Order types do not change.|]
[Spot grid and DCA bots|Copy traders|Signal bots] will no longer [offer|support|use] {pairs} after {date}. Running bots stop and return their coins. [You can still trade these pairs by hand.|Spot trading continues.|]
Because of works at [the bank|our payment partner], {quote} [deposits and withdrawals|bank transfers] will [not be possible|be paused] from {date} to {date}. [Crypto deposits, withdrawals and trading are not affected.|]
[The programme|Our card|The cashback|The gift shop] [ends|closes|will be discontinued] on {date}. [Nothing changes for trading.|Remaining points expire on {date}.|]
The [pool|NFT market|P2P desk|convert desk] will [end|remove|drop] [{coins}|{quote}|these pages] on {date}. [Spot markets are not involved.|Users may still trade {coins} on spot.|Rewards already earned are paid out.]
""",
)
TERMS = Theme(
    False,
    """
[Updates|Update|Changes|Adjustment|Change] [on|to|of|in] [tick size|price precision|minimum order size|leverage and margin tiers|funding rate interval|collateral ratios|position limits|risk limits|fees|VIP tiers|maker programme|index components] [for|of] [{perps}|{pairs}|selected pairs|several contracts|] [- {date}|({date})|on {date}|]
[Terms of use|Privacy notice|Listing rules|Delisting policy|User agreement|Risk disclosure|Trading rules] [updated|: revision|amended|- new version] [as of {date}|]
[Funding rate|Capped funding rate|Settlement frequency] of [{perps}|several perpetuals] [adjusted|changed|will change|restored]
[How|Why|What] [we decide on delistings|tokens are removed|a network upgrade works|to withdraw delisted tokens|are monitoring tags]: [a guide|FAQ|explained|]
[Proof of reserves|Market report|Monthly review|Transparency report|Weekly digest] [{date}|: {coin} leads|for {date}|]
[New|Improved|Upgraded|Introducing] [order types|trading page|charts|sub-accounts|portfolio view|notification settings|multi-assets mode|self-trade prevention]
[Servers|Data centre|Domain|Accounts|Sub-accounts|Platform infrastructure] [migration|move|moves to a new region|upgrade without interruption]
[Statement|Open letter|Community update|Note] [on|about] [recent market volatility|user protection|regulation in the EU|our licence]
[A court|Our lawsuit|The regulator]: [no halt of services|licence granted|decision in our favour]
[Fees|Withdrawal fees|Network fees] for {coins} [adjusted|now float with the network|lowered]
""",
    """
[The tick size|Leverage and margin tiers|The funding interval|The minimum order|Collateral ratios|Fees] of [{perps}|{pairs}|the pairs below] [will be|are] [adjusted|changed|updated] [at|on] {date}. [Existing orders are not affected.|Trading is not interrupted.|Grid bots may be terminated.]
This [article|guide|page] explains [when a token may be delisted|how we review listed tokens|what a suspension means|how hard forks affect balances]. [We may remove a token if its team stops work.|It announces no removal.|]
We have [revised|updated] our [terms|privacy notice|risk disclosure|rules]. By using {ex} after {date} you accept them. [We may suspend or terminate accounts that break them.|]
[Our report|This digest] [shows|covers] volumes of [{coins}|spot and futures], [network upgrades|listings] and [delistings of the quarter|reserves].
{ex} Futures will update the leverage and margin tiers of {perps} on {date}. [Positions opened before may be affected and could be liquidated.|Please adjust your positions to avoid liquidation.]
[Grid orders|Existing orders] with the old tick size [will be cancelled|remain valid]. [Trading in {pairs} continues without interruption.|API users should update their settings.]
[From|As of] {date} the [withdrawal|network|trading] fee of {coins} [follows|floats with|is adjusted to] [the load of the network|our costs]. [Deposits, withdrawals and trading work as usual.|]
[A court has rejected|The regulator dropped] the [request|plan] to suspend our services. There is no change to trading, deposits or withdrawals.
""",
)
HARMLESS = (ENDED, LISTINGS, PROMOTIONS, SIDE, TERMS)
