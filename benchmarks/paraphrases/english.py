# ruff: noqa: E501 (a phrase is easier to read on one line)
"""English phrases of notices that announce an event. The harmless ones: `benchmarks.paraphrases.english_harmless`."""

from __future__ import annotations

from benchmarks.paraphrases.english_harmless import HARMLESS
from benchmarks.paraphrases.grammar import Language, Theme

VAGUE = """
[Important|Service|Market|Platform|Product|Customer] [notice|announcement|update|information]
[Changes|An update|News|Some changes|Housekeeping] [to|on|about|for] our [spot|futures|margin|] [line-up|markets|offer|offering|product range]
[What is changing|Heads-up|Please read|Dear users] [this week|in {coin} markets|: {coin}|: {coins}|]
[Notice|Information|Update] [for|to] [holders of|users of|traders of|clients holding] {coins}
{coin} [news|update|: what you need to know|: next steps|schedule]
"""
GREETINGS = """
Dear [users|customers|traders|clients|valued users|community],
[Fellow traders|Hello everyone|To our users],
This is a general announcement. Products and services mentioned here may not be available in your region.
[As part of|Following] our [regular|periodic|quarterly|latest] review of [listed assets|markets|our offering],
"""
CLOSINGS = """
[Thank you for|We appreciate] your [support|patience|understanding|trust].
[We apologise|We are sorry|Apologies] for any inconvenience [caused|this may cause|].
[Please|Kindly] [contact support|reach out to our help desk|see the help centre] [if you have questions|for details].
Trading digital assets [involves|carries] [high|considerable|] risk. Please [trade|invest] with care.
The [{ex}|] team {date}
"""

DELISTING = Theme(
    True,
    """
[{ex}|] [Will|will|to|is to|plans to|is going to] [delist|unlist|remove|retire|drop|pull|take down|stop listing] [{coins}|{pairs}|several tokens|{n} spot pairs|selected pairs] [on {date}|from {date}|]
[Delisting|Removal|Retirement|Termination|Withdrawal] of [{coins}|{pairs}|{n} tokens|certain trading pairs|spot trading pairs] [- {date}|on {date}|({date})|]
[Saying goodbye to|Farewell to|Goodbye,|Parting with|Time to let go of|Sunset of|Sunsetting] [{coins}|{pairs}|{name} ({coin})|the {coin} market]
[{coins}|{pairs}|{name} ({coin})] [leaves|is leaving|will leave|departs from|exits] [our spot market|the platform|the order book|{ex}|our exchange] [on {date}|]
[{coins}|{pairs}] [will no longer be|can no longer be|will cease to be|stops being] [traded|quoted|offered|available for trading|tradable|supported] [on {ex}|here|] [from {date}|after {date}|]
[End|The end|Last day|Final day|Closing] of [trading|the market|quotation|dealing] [for|in|of] [{coins}|{pairs}] [: {date}|on {date}|]
[{pairs}|{coin}|{name}]: [last trading day|final trading session|trading closes for good|market closes permanently|removed from the order book|trading comes to an end] [{date}|]
[We are|{ex} is] [winding down|closing|shutting|discontinuing|phasing out|pulling the plug on] [the {pair} market|our {coin} markets|{pairs}|trading in {coins}]
[Discontinuation|Wind-down|Cessation|Closure] of [{coins}|{pairs}] [trading|markets|spot trading|support]
[{n} tokens|{n} pairs|A handful of pairs|Several coins|Low-volume pairs] [to be|will be] [removed|taken off|struck off|dropped|withdrawn] [from our listing|from trading|from the exchange|] [on {date}|]
[{ex}|] [ends|ending|drops|terminates|withdraws|scraps] [support for|trading of|its market in|all markets in] [{coins}|{name} ({coin})]
[Spot|Margin|Leveraged token|Options] [markets|pairs|trading] [to close|closing|to be discontinued|being retired]: [{coins}|{pairs}]
[{name} ({coin})|{coins}|{coin} and {coin}] [leaving|leave|quit|to leave|quits|out of|off] [{ex}|the exchange|our books|the market] [on {date}|]
[{ex}|] [bids farewell to|parts ways with|trims|prunes|clears out|thins out|cuts|axes|scratches|culls] [{coins}|{n} pairs|{n} markets|its {quote} pairs]
[{n}|Five|Three|Seven|A few] [coins|projects|pairs|assets|markets] [exit|leave|go|depart|disappear|are out] [this month|next week|on {date}|from {ex}|]
[{coin} holders: act now|Your {coin}: what to do before {date}|List of projects leaving us|Which markets close in June|Pairs that close on {date}]
[No more|Last call for|Final bell for|Curtain for|Lights out for|The last order in] [{coins}|{pair}|{pairs}] [on {ex}|]
""",
    """
[Trading in|Trading of|The market for|Markets for|Spot trading in] [{pairs}|{coins}|the pairs below] [will end|will cease|closes for good|will be discontinued|comes to an end|stops permanently|will be terminated] [at|on] {date}.
[We will|{ex} will|We have decided to|We are going to] [delist|remove|retire|withdraw|take down|stop offering] [{pairs}|{coins}|the following pairs] [at|on] {date}. [All open orders will be cancelled automatically.|Open orders are cancelled once trading ends.|]
[{pairs}|{coins}] [will be|are to be|are being] [taken off the order book|removed from the platform|removed from our listing|struck from the market list] [at|on] {date}. [Withdrawals stay open until {date}.|Please withdraw your balance before {date}.|]
The [last|final] [trading day|day of trading|day for trading|session] [for|of] [{pairs}|{coins}|these pairs] is {date}. [Afterwards the pairs will be deleted.|After that no orders are accepted.|]
[From|After|As of] {date}, [it will no longer be possible to trade|you can no longer trade|orders will no longer be accepted for|we no longer quote|there will be no market for] [{pairs}|{coins}].
[{coins}|{name} ({coin})] no longer [meets|meet] our [listing standards|criteria|requirements], [and will be removed|so we end its trading|therefore the token leaves the exchange] [at|on] {date}.
[{ex} says|We say|It is time to say] goodbye to [{coins}|{pairs}]: [buy and sell orders|trading|the books] [stop|close|end] [at|on] {date}.
[Why?|Reason:|What is the cause?] [Low demand.|Thin liquidity.|The developers stopped their work.] [When?|Date:] {date}. [Which markets?|Affected:] {pairs}. [Balances can be withdrawn until {date}.|]
The [pairs|coins|assets|projects] [below|listed here|named in the table] [leave|go|exit the platform|are dropped|shut] [together|] [on|at] {date}: {pairs}.
[After|Once] {date} [has passed|] [the order books of|every market in|all books for] {coins} [are gone|shut|go dark|are empty|close]. [Holdings stay withdrawable.|Only withdrawals remain possible.|]
[As of now|With this notice|Effective at once], {pairs} [have been|are] [taken out of the line-up|trimmed|withdrawn from trading|delisted]. [Balances are safe.|]
[Users may|You can] [still|] [buy and sell|trade|place orders in] {coins} until {date}; [then|after that] [the market closes|quotes stop|trading is over] and [only withdrawals are possible|the coin leaves us|deposits are rejected].
""",
)
DERIVATIVES = Theme(
    True,
    """
[{ex} Futures|{ex}|] [will|to] [delist|retire|remove|close|settle and delist|expire] [{perps}|{n} perpetuals|several perpetual contracts|the {coin} futures|multiple contracts] [on {date}|({date})|]
[{perps}|{coin} perpetual] [contracts|swaps|futures|]: [early settlement|final settlement|wind-down|closing of positions|delisting|end of trading] [on {date}|]
[Settlement and removal|Early settlement|Closing|Withdrawal|Termination] of [{perps}|{n} perpetual swaps|the {coin} contract|selected contracts]
[Margin|Isolated margin|Cross margin] [trading|pairs|market] [in|of|for] [{coins}|{pairs}] [will end|to be removed|is being withdrawn|ends] [on {date}|]
[Options on|Quarterly futures on|Perpetuals on] {coin} [will be discontinued|are being retired|come to an end|will be closed]
""",
    """
[We will|{ex} Futures will|{ex} will] [close all positions|settle all positions|conduct an automatic settlement|settle every open position] [in|on|of] [{perps}|the {perps} contract|these contracts] [at|on] {date} and [delist|remove|retire] [it|them] [afterwards|thereafter|].
[The contracts|These contracts|The perpetuals below|{perps}] will be [settled|closed out|wound down] at the [index|mark] price and [then delisted|removed from the list|taken off the platform] [at|on] {date}.
[New positions|Opening of positions] in [{perps}|these contracts] [will not be accepted|is disabled] from {date}; remaining positions are [liquidated|closed|settled] [at|on] {date}.
[Margin|Isolated margin|Borrowing and margin] trading of [{pairs}|{coins}] [ends|ceases|will be closed] at {date}; users should close their positions before, [the system will close them otherwise|otherwise they are closed for them].
[{perps}|The contracts] [reach their end|expire early|are wound up] [at|on] {date}; [whatever is open then is closed at the mark price|positions are cash-settled|we close what is left].
Traders [should|are asked to] [close|unwind|reduce] their [positions in|exposure to] {perps} [before|by] {date}, [as|because] the contract will [then be|be] [delisted|retired|settled automatically].
""",
)
HALTS = Theme(
    True,
    """
[Trading halt|Temporary suspension of trading|Trading suspended|Pause in trading|Trading interruption|Market halt]: [{pairs}|{coins}|spot market|all contracts]
[Trading of|Trading in|Markets in] [{coins}|{pairs}] [is|are|has been|will be] [halted|suspended|paused|frozen|on hold|interrupted|stopped] [until further notice|for maintenance|as of {date}|]
[{ex}|] [halts|pauses|suspends|freezes|stops] [{pairs}|{coin} trading|the {coin} market|all trading] [after incident|pending investigation|during upgrade|]
[System|Matching engine|Exchange|Spot|Futures] [maintenance|upgrade|works]: [trading unavailable|trading will stop|no trading] [on {date}|from {date}|]
[{coin}|{pair}] [reopening|resumption of trading] [delayed|pushed back|moved] to {date}: trading [stays|remains] [suspended|halted|closed]
[No trading|Markets closed|Exchange closed|Standstill] for [{n} minutes|{n} hours|a short time] [on {date}|during the engine swap|]
[Scheduled|Planned|Emergency|Unscheduled] [downtime|stop|interruption|closure] [of spot and futures|of all markets|of the matching engine|: trading is closed|]
[Incident|Status|Outage notice|Service alert]: [trading in {coin} stopped|{pair} frozen|order entry down|price feed of {coin} broken, market closed]
[Circuit breaker|Volatility interruption|Security incident]: [{pair}|{coin}] [stopped|on hold|frozen]
""",
    """
[We have|{ex} has] [halted|suspended|paused|frozen|stopped] [trading in|trading of|the order books of|the market] [{pairs}|{coins}] [with immediate effect|at {date}|until further notice].
[Trading in|Trading of|The market] [{pairs}|{coins}] [will be|is|has been] [paused|suspended|halted|unavailable|interrupted] [from {date} to {date}|from {date}|for about {n} minutes|until further notice|pending clarification].
[No orders can be placed|Orders cannot be placed or cancelled|Users will not be able to trade|Trading is not possible] in [{pairs}|any market|{coins}] [between {date} and {date}|from {date}|during the works].
[Status|Incident log|Timeline]: {time} UTC [identified|investigating] [unusual prices in {pair}|a fault in the engine|an exploit of {name}]. {time} UTC [trading in {coin} was stopped|market closed|we froze the order book]. [Next update in an hour.|We do not know yet when it reopens.|]
[In that window|During this time|Meanwhile] [spot and futures markets are closed|all markets stand still|no orders, no cancellations and no liquidations are possible|the order books are shut]. [Expected length: {n} minutes.|It lasts about {n} minutes.|]
""",
)
WALLETS = Theme(
    True,
    """
[Deposits|Withdrawals|Deposits and withdrawals|Transfers|{coin} deposits|{coin} withdrawals] [suspended|paused|on hold|closed|unavailable|halted|stopped] [for {coins}|on the {name} network|of {coins}|] [from {date}|on {date}|until further notice|]
[Wallet|Network|Node] [maintenance|works|service|upkeep] [for|on|of] [{coins}|{name} ({coin})|the {name} network] [- {date}|on {date}|]
[{ex}|] [will|to] [suspend|pause|halt|stop|end|close] [{coin}|{name} network|] [deposits|withdrawals|deposits and withdrawals|transfers] [via {name}|for {coins}|] [on {date}|]
[End of support|Support ends|No more support] for [{coin}|token] [deposits|withdrawals|transfers] [via|over|on] [the {name} network|{name}]
[{name}|{coin}] [network congestion|chain outage|node issue|instability]: [withdrawals delayed|transfers on hold|deposits paused|wallet closed]
[Temporary closure|Temporary suspension|Planned outage] of [{coins}|{name}] [wallets|deposits and withdrawals|transfers]
[Status|Incident|Unscheduled|Service alert|Outage notice]: [{name}|{coin}] [on {name}|withdrawals|transfers|wallet] [disabled while we investigate|paused|down|stuck|unavailable]
[{name} ({coin})|{coin}|{coins}] [transfers|withdrawals|deposits|wallet] [now|] [paused|closed|down|off|on hold] [from {date} instead of {date}|effective immediately|at once|until we know more|]
[{coin}|{name}]: [network trouble|chain halted|blocks are not produced|node problem|wallet upgrade|no transfers for now]
[{ex}|] [pauses|stops|closes|suspends|freezes] [{coins}|{coin} and {coin}] [withdrawals|deposits|transfers] [effective immediately|at once|]
""",
    """
[Deposits and withdrawals|Deposits|Withdrawals|Transfers] [of|for|in] [{coins}|{name} ({coin})|tokens on the {name} network] [will be|are|have been] [suspended|paused|closed|put on hold|stopped|unavailable|switched off] [from {date}|at {date}|between {date} and {date}|until further notice]. [Trading is not affected.|Trading continues.|]
[We will|{ex} will|{ex}] [carry out|perform|conduct|do] [wallet|node|network] maintenance [for|on] [{name} ({coin})|{coins}|the {name} network] [at|on] {date}; [deposits and withdrawals|incoming and outgoing transfers] will [not be processed|be closed|stop|pause] [for about {n} hours|meanwhile|].
[After|From] {date} we [no longer|will not] [support|accept|process|credit] [deposits|withdrawals|transfers] of [{coins}|{coin}] [via|over|on] the {name} network. [Deposits after that will be lost.|]
[Due to|Because of] [a chain halt on {name}|stuck blocks|a fault of our node|congestion|an attack on {name}] we [cannot|can not] [process|credit|send|accept] {coin} [deposits or withdrawals|withdrawals|transfers] [at the moment|right now|until further notice]. [We have no estimate yet.|Trading in {pair} is unaffected.|]
We have [switched off|paused|closed|disabled] [{coin} withdrawals|transfers on {name}|the {coin} wallet]; [deposits are still credited, with delay|funds are safe|an update follows].
{time} UTC - [Identified|Investigating]. The {name} chain [has stopped|does not finalise|forked by mistake]. {time} UTC - {coin} [deposits and withdrawals have been paused|transfers are off].
[To support an upgrade of|For the upgrade of|While our node is replaced on] the {name} network, [deposits and withdrawals of {coin}|{coin} transfers] [go into pause|are closed|stop] at {date}.
""",
)
NETWORKS = Theme(
    True,
    """
[{ex}|] [will support|supports|to support|is ready for|prepares for] the [{name} ({coin})|{name}|{coin}] [network upgrade|hard fork|mainnet upgrade|protocol upgrade|chain upgrade|upgrade and hard fork] [- {date}|on {date}|]
[{name} ({coin})|{coin}|{name}] [hard fork|network upgrade|mainnet upgrade|fork|protocol upgrade]: [arrangements|our plan|what to expect|schedule|support plan|] [on {date}|{date}|at block 8,112,000|]
[Support for|Arrangements for|Notice on|Preparations for] the [upcoming|planned|] [{name}|{coin}] [hard fork|network upgrade|fork|chain split|mainnet migration]
[{name} ({coin})|{coin}] [hard fork|upgrade] [moved|postponed|rescheduled|pushed back|brought forward] to {date}
""",
    """
The [{name} ({coin})|{coin}|{name}] network [will be upgraded|upgrades|will fork|undergoes a hard fork|will undergo an upgrade] [at|on|at about] {date} [at block height 8,112,000|at epoch 4,120|]. [Deposits and withdrawals will be suspended from {date}.|Neither deposits nor withdrawals are interrupted.|Trading is not affected.]
[{ex} will|We will] [support|follow|handle all technical requirements of] the [{name} ({coin})|{coin}] [hard fork|network upgrade|protocol upgrade]. [Deposits and withdrawals of {coin} pause from {date}.|Trading goes on as usual.|We handle all technical matters for holders.]
The developers [of|behind] {name} have [moved|postponed|rescheduled] their [hard fork|upgrade], which was [planned|announced] for {date}. The new [time|date] is {date}.
""",
)
SWAPS = Theme(
    True,
    """
[{ex}|] [will support|supports|to support|handles|assists with] the [{name} ({coin})|{coin}] [token swap|migration|redenomination|rebranding|merger|contract migration|ticker change|conversion] [to {name} ({coin})|to {coin}|]
[{coin}|{name}] [becomes|turns into|is renamed|will be renamed|will be converted into|migrates to|changes its ticker to|moves to|is swapped for] [{coin}|{name} ({coin})]
[{coin}|{name} ({coin})] [token swap|migration|rebranding|redenomination|rename|contract swap|merger|change of ticker] [: schedule|on {date}|and delisting of the old token|notice|]
[New name|New contract|New ticker|New chain] for [{coin}|{name}]: [{coin}|what holders should know|swap ratio 1:{n}]
[Merger|Merge] of {coin}, {coin} and {coin} [into {coin}|]
[{coin} and {coin}|{name}]: [what happens on {date}|the changeover|how the switch works|old for new]
[{coin}|Old {coin}] [becomes|is now|turns into] {coin} [for the last holders|: schedule of the switch|, old pairs close|]
""",
    """
[{coin}|Old {coin}|Each {coin}] will be [swapped|exchanged|converted|migrated] [to|for|into] [{coin}|new {coin}|{coin} tokens] at [a ratio of 1:{n}|1 {coin} = {n} {coin}|one to one]. [Trading of {pair} ends at {date}.|Deposits of old {coin} close at {date}.|The old pairs are delisted at {date}.]
[{ex} will|We will] [support|carry out] the [swap|migration|rebranding|redenomination|merger] of [{name} ({coin})|{coin}] [to|into] {coin}. [Trading in {pairs} stops|{pairs} will be removed|Deposits and withdrawals of {coin} are suspended] [at|on] {date}.
[{name}|The project] has [changed|decided to change] its [ticker|name|token contract] from {coin} to {coin}. [{pair} will close and {pair} will open afterwards.|Deposits of the old token will not be credited after {date}.]
[{name}|The foundation] has asked exchanges to retire [the old|its old] {coin} ticker. [Our schedule|Plan]: {date} {pairs} stop trading and {coin} funding stops; {date} balances are [swapped|converted] to {coin}.
[Remaining|All] {coin} balances [will be|are] [swapped|converted|moved] to {coin} [one to one|at 1:{n}|]. {pair} stops trading [at|on] {date}; transfers of {coin} stop [at the same moment|at {date}].
""",
)
WARNINGS = Theme(
    True,
    """
[Monitoring tag|Risk warning|Special treatment label|Watch list|Observation zone|Caution label|ST tag|Alert flag] [added to|set for|extended to|assigned to|applied to|for|to include] {coins} [on {date}|]
[{coins}|{name} ({coin})] [placed under observation|put on the watch list|flagged|designated for caution|moved to the risk zone|under review for delisting|joins the monitoring list]
[Investment warning|Delisting warning|Notice of designation as cautionary item|Investor alert]: [{coins}|{name} ({coin})]
[{ex}|] [extends|adds|assigns|attaches|sets] [the|a] [monitoring|risk|special treatment|watch|observation] [tag|label|mark|flag] [to|on] {coins}
""",
    """
[{coins}|{name} ({coin})] [will carry|receives|now bears|has been given] [a|the] [monitoring tag|risk label|caution mark|special treatment mark] [as of|from|on] {date}. [Tokens with it are at risk of being delisted.|These tokens are more volatile and may be delisted.|Users must pass a test before trading.]
We [place|have placed|are placing] {coins} [under review|under observation|on our watch list]; [if the project does not improve, it will be delisted|removal may follow|the token could be removed after the review].
We designate {coins} as [cautionary assets|assets under review|watch-list tokens] from {date}. Should [circumstances|things] not improve, a decision about [ending market support|a removal] will follow.
""",
)
CHANGES = Theme(
    True,
    """
[Delisting|Removal|Closing] of [{coins}|{pairs}|{perps}] [postponed|delayed|pushed back|rescheduled|brought forward|now on {date}|moved to {date}]
[Update|Correction|Revised schedule|New time|Amended] [:|on|to] [the delisting|the removal|trading end|trading halt] of [{coins}|{pairs}|{perps}]
[{coins}|{pairs}]: [new delisting date|trading now ends on {date}|removal moved to {date}|last trading day changed]
[Rescheduled|Moved|Later than planned|Earlier than announced] - [{coin}|{pair}] [leaves later|closes on {date}|goes a week later|now ends {date}]
[Correction|Erratum]: [it is {coin}, not {coin}|the right date is {date}|the delisting concerns {coin} only]
""",
    """
The [delisting|removal|end of trading] of [{pairs}|{coins}] [announced|planned|originally set] for {date} [has been moved|is postponed|is pushed back|has been rescheduled] to {date}.
[Please note the corrected|We corrected the|The new] [time|date]: [trading in|the market for] [{pairs}|{coins}] ends [at|on] {date}, not {date}.
{pair} will close on {date}. That is [one week later|earlier|two days later] than we [told you|announced|wrote]. [Withdrawal is open until {date}.|]
[Some readers were alarmed|We made a mistake|An earlier version was wrong]: the asset that leaves [{ex}|us] on {date} is {coin}, in the pair {pair}. {coin} stays [where it is|listed].
""",
)
EVENTS = (DELISTING, DERIVATIVES, HALTS, WALLETS, NETWORKS, SWAPS, WARNINGS, CHANGES)
ENGLISH = Language("en", (*EVENTS, *HARMLESS), VAGUE, GREETINGS, CLOSINGS)
