# ruff: noqa: E501 (phrases are easier to read and to search for on one line)
"""English: one concept per meaning, as phrases.

A phrase is words with one blank between them. `~` at the end of a word stands for any ending, `(a|b)` for either,
`?` after a bracket or letter makes it optional, and `..` stands for up to twelve other words of the same sentence. Upper and lower case are
the same. Longer phrases outrank shorter ones that begin at the same word.
"""

from __future__ import annotations

from collections.abc import Mapping

from exchanges.announcements.frames.concepts import Concept as C

PHRASES: Mapping[C, str] = {
    C.DELIST: "delist~; de-list~; unlist~; de list(s|ed|ing)?",
    C.REMOVE: """
        remov(e|es|ed|al|als|ing); tak(e|es|en|ing) down; tak(e|es|en|ing) .. off; took .. off; tak(e|es|en|ing) .. offline;
        taken out of; tak(e|es|ing) .. out of; retir(e|es|ed|ing|ement); drop(s|ped|ping)?; pull(s|ed|ing)?; pulled from; phas(e|es|ed|ing) .. out;
        phase-out; phaseout; sunset(s|ted|ting)?; off-board~; offboard~; wind(s|ing)? .. down; wound down; wind-down(s)?; winddown; winding-down; trim(s|med|ming)?; say(s|ing)? goodbye; sayonara; run(s)? off; rolled off; let .. lapse; shut for; shuts for; terminat(e|es|ed|ing|ion);
        bid(s|ding)? (farewell|adieu); adieu; farewell; goodbye; part(s|ing)? (ways|company); deprecat~; eliminat(e|es|ed|ing|ion); scrap(s|ped|ping)?; axe(s|d)?; axing;
        purg(e|es|ed|ing); leav(e|es|ing); left our; exit(s|ed|ing)?; depart(s|ed|ing|ure|ures)?; disappear(s|ed|ing)?; vanish(es|ed|ing)?;
        prun(e|es|ed|ing); cull(s|ed|ing)?; struck off; strik(e|es|ing) .. off; struck from; come(s)? off; coming off; came off; ditch(es|ed|ing)?;
        withdraw(s|n|ing)? from (trading|the market|our market|the list|our list|the platform|listing|sale|quotation); withdrawn from; pulled off; pull(s|ing)? the plug;
        withdraw(s|ing)? (its|our|the)? (support|listing|market|quotation); throw(s|n|ing)? out; cut(s|ting)? .. from; let(s|ting)? go of; weed(s|ed|ing)? out; clear(s|ed|ing)? out;
        be gone; gone from; are gone; is gone; will go; what goes; are going; go(es)? away; shed(s|ding)?; decommission~; unsupport~; bow(s|ed|ing)? out; drop(s|ped|ping)? out; call(s|ing)? it a day; shuttered; shuttering; wind(s|ing)? up; wound up; hit(s|ting)? the road; bye; bye-bye; good night; goodnight; good-bye; for the chop; the chop; the axe; the boot; shown the door; on (its|their) way out; way out; send(s|ing)? off; out the door; heading out; head(s)? out; take(s)? (its|their) leave; taking leave; kick(s|ed|ing)? out; evict~; eject~; unplug~; strip(s|ped|ping)? .. from;
        close the book; move(s|d)? (on|off|away) from our; revok(e|es|ed|ing) .. listing; lose(s)? (its|their) (listing|market|place|spot); step(s|ping)? down from; make(s)? way; out of the market; take(s|n)? out; moth-?ball~; laid to rest; wav(e|es|ing) goodbye; out of our; expel~; de-support~; go dark
        """,
    C.END: """
        end(s|ed|ing)?; ceas~; cessation; discontinu~; terminat~; stop(s|ped|ping)?; clos(e|es|ed|ing|ure|ures); conclud(e|es|ed|ing);
        no longer; no more; last (trading|market|business)? day; last day; last call; last chance; final day; final (trading|session|trades|bell|curtain); for good; permanently;
        shut(s|ting)?; shutdown; shut down; shuts down; shutting down; switch(es|ed|ing)? .. off; turn(s|ed|ing)? off; com(e|es|ing) to an end; came to an end;
        draw(s|ing)? to a close; com(e|es|ing) to a close; quit(s|ting)?; abandon~; drop(s|ping)? support; end of life; will not be (available|traded|tradable|tradeable|quoted|offered|supported|listed);
        untrad~; stop being; not be (traded|tradable|tradeable|quoted|offered|listed) (any more|any longer|anymore); any more; anymore; any longer; lapse(s|d)?; last trade(s)?; last time; one last time; last order(s)?; last moment;
        until (then|that) .. trad~; trad(e|ed|able|ing) until; may be traded until; exist(s)? no; nothing .. after; expir(e|es); stop(s|ped|ping)? offering; cease to be; cutoff; cut-off; last minute; withdrawal-only; withdraw-only; view-only; sell-only; sale only; only for sale; curtain(s)?; lights out; final countdown; finish(es|ed|ing)? (the)? (trading|support|market|listing); (finishing|closing|closure|end) time; shut (the|our|its) door(s)?;
        never again; no further (trading|orders|trades|deposits|series|contracts)
        """,
    C.HALT: """
        suspen(d|ds|ded|ding|sion|sions); halt(s|ed|ing)?; paus(e|es|ed|ing); freez(e|es|ing); frozen; froze; unavailab~; disabl(e|es|ed|ing); interrupt(s|ed|ing|ion|ions)?;
        outage(s)?; on hold; hold(s|ing)? back; offline; blocked; block(s|ing)? (deposits|withdrawals|trading|transfers); (can|may) be neither; can neither be; (may|can) neither; no market(s)? accept(s)?; accept(s)? no (orders|deposits|withdrawals); may not (buy|trade|deposit|open|sell|purchase|withdraw|be traded); cannot; can not; can't; unable; not be able; not be possible; not be (available|accepted|processed|credited|executed|supported);
        (is|are) not (available|possible|accepted|processed|credited|executed|supported|working|tradable|tradeable); not (currently|presently) (available|possible); (not|won't|don't) (be able|accept|process|credit|support|execute|honour|honor); won't be (able|available|possible|accepted|processed|credited); not accept(ing)?; not process(ing)?; not credit(ing)?; not being (processed|credited|accepted|executed);
        (withdrawal|withdrawals|deposit|deposits|transfers) off (from|on|at|until|between|during|for|today|tomorrow); on ice; grounded; gated; backlog(s)?; unresponsive; degraded performance; not producing blocks; stop(s|ped)? producing; pending until; queue(d)?;
        no (deposit~|withdrawal~|trading|trade~|order~|transfer~) (will|can|is|are|be|during|between|from|until|possible|for|on); out of (service|action|operation); downtime; goes down; go down; be down; is down; are down; stand(s)? still; standstill;
        restrict(s|ed|ing|ion|ions)?; disrupt(s|ed|ing|ion|ions)?; (temporarily|briefly) clos(e|es|ed|ing); closed temporarily; clos(e|es|ed|ing) temporarily; temporarily (unavailable|offline|down); will be closed for; suspended;
        switched off temporarily; (remain~|stay~|continue~|keep~|still) (to be)? (suspended|closed|halted|paused|unavailable|disabled|frozen|offline|shut|on hold|down|stopped);
        stuck; break; breather; stop .. temporarily; temporary (stop|closure|stoppage|break|pause|suspension|halt); take(s)? a (break|rest|pause|nap); intermission; in halt; circuit breaker; lock(s|ed|ing)?; shut for; refus(e|es|ed|ing); reject(s|ed|ing)?;
        cancel-only; post-only; (may|can|could) only (reduce|close|be closed); only (reduce|close) (their|your|existing|open);  reduce-only; close-only; (is|are|be) (being)? held; stall(s|ed)?; unreachable; not function~; fail(s|ed|ing)? to; impair(ed|s)?; degraded
        """,
    C.SETTLE: "settl(e|es|ed|ing|ement|ements); liquidat~; closed out; close out; clos(e|es|ed|ing) out; force-clos~; auto-clos~; cash-settl~; unwind~; unwound",
    C.SWAP: """
        swap(s|ped|ping)?; convert(s|ed|ing)?; conversion(s)?; migrat(e|es|ed|ing|ion|ions); exchang(e|ed|es|ing) (for|into|against|at|one|1|1:1); exchanged; replac(e|es|ed|ing|ement); transition(s|ed|ing)?;
        mov(e|es|ed|ing) to (a|its|the)? new; mov(e|es|ed|ing) .. to its own; new contract (address)?; new smart contract; contract (swap|change|migration|address); old contract; swapped; changeover; change-over; redeem(ed|able)? for; superseded; supersede(s)?;
        turn(s|ed|ing)? into; become(s)?; becoming; evolv(e|es|ed|ing) into; roll(s|ed|ing)? into; move over to; switch(es|ed|ing)? (over)? to; reissu~; re-issu~; hand(ed|s)? out .. for; new token~
        """,
    C.RENAME: """
        renam(e|es|ed|ing); rebrand(s|ed|ing)?; re-brand(s|ed|ing)?; new (ticker|symbol|name|brand|identity|code); (ticker|symbol|name|code) (change|changes|update|swap|switch);
        chang(e|es|ed|ing) .. (ticker|symbol|name|code); (ticker|symbol|name|code) .. chang(e|es|ed|ing); updat(e|es|ed|ing) .. (ticker|symbol); (trade|trades|trading|list|lists|listed|quoted) under; under (its|the|a) new; under the (name|ticker|symbol|code); known as;
        new identity; under a new; new look and name; (carry|carries|bear|bears|get|gets|take|takes|taking|adopt|adopts) .. (name|ticker|symbol|code)
        """,
    C.MERGE: "merg(e|es|ed|ing|er|ers); consolidat(e|es|ed|ing|ion); combin(e|es|ed|ing); fus(e|es|ed|ing|ion); unif(y|ies|ied|ication); join forces; absorb(s|ed|ing)?; folded into; fold(s|ing)? into; amalgamat~",
    C.REDENOMINATE: "redenominat~; re-denominat~; token split; reverse split; split(s)?; denomination; redenomination; (divide|divided|multiplied) by; reverse token split",
    C.UPGRADE: """
        switch(es|ed|ing)? protocol(s)?;
        upgrad(e|es|ed|ing); network update; protocol update; chain update; node update; activat(e|es|ed|ion) .. (block|height|epoch|mainnet); runtime upgrade; consensus (change|upgrade); protocol (amendment|amendments); amendment(s)?; (point|node|client|core) release; activat(es|ed) (on|at|around|in);
        new (protocol|mainnet|node|client|consensus) (version|release); (hub|mainnet|network|chain|core|client|binary) v[0-9]~; v[0-9]~ (binary|upgrade|release); mainnet launch; mainnet (activation|release|v2); protocol (change|version); network (change|overhaul|changes)
        """,
    C.FORK: "hard fork(s|ed|ing)?; hardfork(s|ed|ing)?; hard-fork(s|ed|ing)?; fork(s|ed|ing)?; chain split",
    C.MAINTENANCE: "maintenance; servicing; overhaul(s|ed|ing)?; maintenance work(s)?; technical work(s)?; node work; wallet work; wallet update; housekeeping; engineering work(s)?; repair(s)?; service window; wallet service",
    C.WARN: """
        monitoring (tag|tags|label|list|zone|status|mark); watch list; watchlist; watch-list; watch (tag|label|zone|status); observation (tag|tags|zone|list|period|status|label); special treatment; st (tag|tags|label|zone|list|mark|status);
        delisting (warning|warnings|alert|watch|risk); review list; (risk|investment|cautionary|caution|danger|alert|warning|volatility) (warning|warnings|alert|alerts|label|labels|tag|tags|flag|flags|notice|marker|mark|list|status|zone|watch|reminder|designation); trading (warning|warnings|alert|caution); caution; cautionary; warning(s)?;
        heightened risk; elevated risk; high risk; higher risk; high-risk; higher-risk; under (review|observation|watch|scrutiny|monitoring|surveillance|special); flag(s|ged)?; monitored more closely; closer (watch|monitoring|scrutiny|look); close (watch|monitoring|observation);
        risk of (being)? delist~; investment caution; probation; on notice; assessment (zone|list|tag|period); yellow card; red flag; tagged; watched closely; periodic review list; issues investment; designated
        """,
    C.ADD: "add(s|ed|ing)?; addition(s)?; extend(s|ed|ing)?; extension; includ(e|es|ed|ing); appl(y|ies|ied|ying); assign(s|ed|ing)?; plac(e|es|ed|ing); put(s|ting)?; attach(es|ed|ing)?; marked; marking; set(s|ting)?; impos(e|es|ed|ing); carr(y|ies|ied|ying); receiv(e|es|ed|ing); get(s|ting)?; join(s|ed|ing)?; given; give(s)?; issu(e|es|ed|ing); mov(e|es|ed) (to|into|onto); enter(s|ed|ing)?; tagged; tagging; bear(s)?; wear(s)?; expand(s|ed|ing)?; widen(s|ed)?",
    C.UNTAG: "lift(s|ed|ing)?; remov(e|es|ed|al|ing); clear(s|ed|ing)?; drop(s|ped|ping)?; releas(e|es|ed|ing); no longer; withdrawn; taken off; taken away; took away; tak(e|es|ing) .. off; los(e|es|ing); shed(s)?; leav(e|es|ing); free of; off the; com(e|es|ing) off",
    C.RESUME: """
        resum(e|es|ed|ing|ption); reopen(s|ed|ing)?; re-open(s|ed|ing)?; restor(e|es|ed|ing|ation); reenabl~; re-enabl~; back (online|to normal|up|open|in service|in operation|in business|on track); (are|is|be|were) back; again (available|open|possible|enabled|running|trading);
        (available|open|possible|enabled|running|normal|operational|trading|live|up|working|accepted|processed|normally) again; reinstat~; recover(s|ed|y|ing)?; relist(s|ed|ing)?; re-list(s|ed|ing)?; return(s|ed|ing)?; once again; unpaus~; unfreez~; unfrozen; unlock(s|ed)?; lift(s|ed|ing)? (the|all|our) (suspension|halt|pause|restriction~|freeze|stop|ban|block);
        (suspension|halt|pause|restriction~|freeze|stop) .. (lifted|over|ended|ends); (fully|back) operational; fully (restored|open|functional); now (open|available|normal|working); switched (back)? on; turned (back)? on; (halt|pause|suspension|outage|incident|maintenance) (is|was)? (now)? (over|resolved|fixed); resolved; is over; are over; has ended; have ended; (left|leaves|leave|leaving|out of) halt; thaw(s|ed)?; back on; (moving|working|running|trading|possible) again; restart(s|ed|ing)?; once more; up and running; online again; flowing; all clear; (tradable|tradeable) again; normalis(es|ed|ing); normaliz(es|ed|ing); no longer (paused|suspended|halted|frozen)
        """,
    C.COMPLETE: "all done; complet(ed|es|ion); finish(ed|es)?; successfully; finali(s|z)ed; wrapped up; has been (executed|performed|carried|done|implemented|distributed); have been (executed|carried|credited|swapped|distributed); is (now)? (done|complete|finished); are (now)? (done|complete|finished); (went|gone) live; concluded; is behind us; are behind us; behind us; was carried out; done; took place; has taken place; final price",
    C.POSTPONE: """
        postpon~; delay(s|ed|ing)?; reschedul~; defer(s|red|ring|ral)?; push(es|ed|ing)? back; push(es|ed|ing)? .. back; push(es|ed|ing)? (to|out|into); mov(e|es|ed|ing) (to|from) .. (20~|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec);
        put off; new (time|date|schedule|timetable|timing|deadline|slot); now (scheduled|planned|set|due|expected|happen~|take|takes|start~|on|at); revised (time|date|schedule|timing|timetable); (time|date|schedule) .. (chang~|moved|shift~|correct~|updated); brought forward; bring(s|ing)? forward; shift(s|ed|ing)?; (later|earlier) than (planned|announced|scheduled|originally);
        extended (by|to|until); slip(s|ped)?; (hours|days|week|weeks) later; instead of; held over; deferred; rearrang~; takes place later; on a new; moved back; slid
        """,
    C.CANCEL: "cancel(s|led|ed|ling|ing|lation)?; call(s|ed|ing)? off; called off; revok(e|es|ed|ing); revers(e|es|ed|al|ing); will not (go ahead|take place|happen|proceed|be delisted|be removed); won't (be|go|take|happen); not (go ahead|take place|happening); scrapped; shelv(e|ed|ing); withdrawn; rescind~; keep(s)? .. listed; (closure|removal|delisting|suspension|upgrade|plan|stop|swap) .. is off; (is|are) off; no longer (going|plan~|be delisted|take place|planned|intend~); chang(e|es|ed)? .. mind; stay(s)? listed; stay(s)? after all; off the table; drop(s|ped|ping)? (the|our|its) plan~; abandon~; reconsider~; void",
    C.UPDATE: "updat(e|es|ed|ing); correct(ed|ion|ions|s|ing)?; revis(e|ed|es|ion|ing); amend(ed|ment|s|ing)?; erratum; clarif~; supplement(ary|ed|s)?; addendum; typo; mistake; error; misprint; apologi~",
    C.LIST: """
        (will|to|we) list; lists; listed; listing(s)?; launch(es|ed|ing)?; introduc(e|es|ed|ing|tion); open(s|ed|ing)?; new (pair~|listing~|market~|token~|trading|perpetual~|contract~|spot); debut(s|ed)?; go(es|ing)? live; went live; (is|are) live; now (live|supports?|trading|tradable|tradeable|available); enabl(e|es|ed|ing);
        welcom(e|es|ed|ing); unveil~; roll(s|ed|ing)? out; premier~; start(s|ed|ing)? trading; begin(s)? trading; first (listing|trade~|day); be listed; trading (starts|begins|opens|goes live); join(s|ed|ing)? (our|the); arriv(e|es|ed|al); come(s)? to (our|binance|okx|spot); coming soon; initial (listing|offering); adds? support; integrat(e|es|ed|ion|ing); bring(s|ing)? .. to; available (for|on|to)
        """,
    C.CONTINUE: """
        (will|to)? (continue to)? support withdrawal(s)?;
        stay(s|ed|ing)?; remain(s|ed|ing)?; continu(e|es|ed|ing); unaffected; untouched; not (be)? (affected|impacted|concerned|touched|interrupted|changed); as usual; as before; as normal; normally; keep(s)? (on)? (trading|working|running|running|open|listed); carr(y|ies) on; go(es)? on as; unchanged; still (be)? (available|open|trad~|possible|running|work~);
        uninterrupted; without interruption; no (impact|effect|interruption|disruption|action|change); not impact; not affect; keeps; stays; not part of; not included; other pairs; not in scope; business as usual; open throughout; open during; run(s)? normally; run(s)? as; proceed(s)? (as)? normal~
        """,
    C.PROMOTE: "reward(s|ed|ing)?; prize(s)?; campaign(s)?; competition(s)?; quiz(zes)?; airdrop(s|ped)?; giveaway(s)?; bonus(es)?; voucher(s)?; win(s|ners?)?; earn up; earn points; cashback; tournament(s)?; contest(s)?; leaderboard(s)?; learn (and|&|to) earn; challenge(s)?; referral(s)?; refer; invite(s)?; celebrat~; festival; carnival; discount(s)?; promotion(s|al)?; raffle; lottery; lucky draw; share (of|up|a); pool of; grab; exclusive; trade to; sweepstake(s)?; apr; apy; trivia; merch(andise)?; points; mystery box; arena; gift(s)?; birthday; anniversary; cup; score(s)?; scholarship(s)?",
    C.EXPLAIN: "guide(s)?; faq(s)?; how to; how (do|does|did|we|you|a|are|is); what (is|are|you|happens|does|if); why; frequently asked; post-mortem; postmortem; incident report; retrospective; market watch; who; wrap-up; round-up; roundup; in brief; at a glance; never was; essay; lessons learned; taught us; everything you; in review; year in; in numbers; all you need; always wanted; wanted to know; myth(s)?; explain(s|ed|er)?; rule(s|book)?; terms of; terms; polic(y|ies); agreement(s)?; report(s)?; rumou?r(s|ed)?; recap; ama; interview(s)?; research; weekly; monthly; academy; glossary; understanding; statistic(s)?; false; fake; phishing; scam(s)?; misinformation; criteria; guideline(s)?; framework; proposal; vote(s)?; survey; webinar; podcast; newsletter; article; tutorial; review of the; lesson(s)?; basics; checklist; proof of reserves; roadmap; blog; insight(s)?; question(s)?; hack(s)?; standards; principles; thank you; looking back; year in; history; mechanism; impersonat~; clarification; clarif~; denies; deny; untrue; baseless; digest",
    C.FALSE: "forgery; doctored; making the rounds; doing the rounds; (it|this|that|which|claim) is (false|fake|untrue); fake (mail|mails|email|emails|message|messages|notice|notices|screenshot|screenshots); (is|was|are|were|a) forged; hoax; (is|are|was|were) fake; false (claim|claims|information|report|reports|notice|news); rumo(u)?r(s)?; no such thing; no such notice; not true; untrue; misquoted",
    C.NOT: "not; nobody; no one; no; neither; nor; without; never; won't; none; isn't; aren't; doesn't; don't; nothing",
    C.MAY: "for example; example; another (venue|exchange|platform) (has|have|had|decided|is|was|will|plans); (other|some) (venues|exchanges|platforms) (have|are|will|decided|were|plan); about to be delisted; may; might; could; if; in case; in the event; whether; would; potential~; possibl(e|y|ility); unless; consider(s|ed|ing)?; propos(e|es|ed|al|als); reserve(s)? the right; at any time; right to; has the right; have the right; from time to time; at its (sole)? discretion; can (lead|result|be); subject to; where a; when a; any token; as soon as; risk of; expected to",
    C.PAST: "after (retiring|removing|delisting|closing|ending|suspending|halting); (recently|previously|earlier|already) announced; has announced; had announced; delisted (token|tokens|coin|coins|asset|assets|pair|pairs|project|projects|crypto|cryptos|contract|contracts); delisting protection; was; were; had; originally; previously; earlier; initially; formerly; former; until now; instead of; rather than; first announced; had been; so far; planned for; announced for; scheduled for; had announced; we announced; since; not on; no longer on",
    C.EXCEPT: "except(ing|ion|ions)?; other than; exclud(e|es|ed|ing); apart from; but not; save for; with the exception; aside from; not includ~; not (part of|apply to); with one exception; exempt(ed)?; spared",
    C.TRADING: "trad(e|es|ed|ing|able); tradeable; market(s)?; order book(s)?; orderbook(s)?; order-book(s)?; matching; quot(ed|ation|ations|ing); dealing(s)?; buying and selling; buying or selling; buy or sell; buy, sell; buy and sell; line-up; lineup; roster; shelf; shelves; listing(s)?; exchange; platform; venue; board; catalogue; catalog; offering; book; books; session; menu; range; available on",
    C.PAIR: "pair(s)?; pairing(s)?; instrument(s)?; symbol(s)?; cross(es)?; ticker(s)?",
    C.CONTRACT: "(usdt-m|usd-m|usdc-m|coin-m|perpetual|linear|inverse|coin-margined|usdt-margined|usdc-margined) swap(s)?; expiry (perp~|futures|contract~); contract(s)?; perpetual(s)?; perp(s)?; future(s)?; swap(s)? (contract|contracts|product|products); derivative(s)?; delivery contract(s)?; linear; inverse",
    C.TOKEN: "token(s)?; coin(s)?; asset(s)?; crypto(s|currency|currencies)?; currenc(y|ies); project(s)?; altcoin(s)?; stablecoin(s)?; digital asset(s)?; stock(s)?; name(s)?",
    C.DEPOSIT: "deposit(s|ed|ing)?; inbound; incoming; top-up(s)?; crediting; pay-in(s)?; send(ing)? .. to (your|us); deposit address(es)?; in- and; funding",
    C.WITHDRAWAL: "withdraw(s|al|als|ing|n)?; outbound; outgoing; sends; payout(s)?; pay-out(s)?; cash-out; out-transfer~; taking coins out; moving .. out; sending .. out; and outgoing",
    C.WALLET: "wallet(s)?; transfer(s)?; on-chain; in and out; sending and receiving; sends and receives; receiving and sending; send and receive; send or receive; inflows; outflows; funding in; moves? in and out; movements; moving .. in or out",
    C.NETWORK: "network(s)?; chain(s)?; blockchain(s)?; mainnet; main net; node(s)?; protocol; validator(s)?; consensus; epoch; block height; ledger; testnet; rpc; layer; sidechain; rollup; bridge",
    C.SPOT: "spot",
    C.MARGIN: "margin; isolated; cross-margin; leveraged trading; leverage trading; borrowing; margin trading",
    C.USDM: "perpetual(s)?; perp(s)?; usd-m; usdt-m; usdt-margined; usdc-margined; usd-margined; linear; future(s)?",
    C.COINM: "coin-m; coin-margined; inverse",
    C.OPTIONS: "options; option contract(s)?",
    C.ORDER: "order(s)?; position(s)?; bid(s)?; offers; order placement",
    C.SIDE: """
        §side§; subscription(s)?; redemption(s)?; channel(s)?; endpoint(s)?; field(s)?; parameter(s)?; interface(s)?; sdk; program(s)?; programme(s)?; grant(s)?; feature(s)?; order type(s)?; bank; banks; bank transfer(s)?; banking; card(s)?; sepa; ach; swift; fiat; pix; payment(s)?; visa; mastercard;
        booster(s)?; bundle(s)?; copy mode; copied; replicated; data feed; tax; taxes; yearly statement; front end; front-end; address book(s)?; import; format(s)?; checkout; beta; payid; osko; upi; imps; neft; pix; vault(s)?; strateg(y|ies); recurring; auto-renew; copy trad~; launchpool; savings; mobile app; desktop; website; office(s)?; support desk; customer service; company; entity; licen(s|c)e(s|d)?; kyc; verification; newsletter; community; ambassador(s)?; sub-account(s)?; support hours; phone support; support phone; alert(s)? for; statement(s)?; webhook(s)?; oauth; login; password(s)?; passkey(s)?; 2fa
        """,
    C.TERMS: "§terms§; eligible; eligibility; maintenance margin; obligation(s)?; market maker(s)?; residing; following countries; countries or regions; residents of",
}  # fmt: skip
