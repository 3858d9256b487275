"""What the endpoints of the exchanges do: place an order, harm nobody, or cannot be judged. Pure.

ccxt calls an endpoint by section, method and path ("fapiPrivate POST order"), in the exchange's own words. Every POST
and PUT of `describe()["api"]` of ccxt 4.5.90 is here, which a test proves; what is not here is vetoed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Table:
    """The endpoints of one exchange, each as "section METHOD path".

    - `orders`: the kind of order that it places, and the venue; `…_change`: it changes one that is there.
    - `harmless`: it places nothing. `repays`: so it does where this parameter has this value.
    - `unjudged`: it acquires or lends something, but names no pair.
    - `sockets`: what a message of a WebSocket does: the kind of order, or None where it harms nobody. A key that ends
      with "." is a beginning.
    - `one_section`: a path alone says which endpoint it is.
    - `free_methods`: methods that place nothing, whatever the path.
    """

    orders: Mapping[str, tuple[str, str]]
    harmless: frozenset[str]
    unjudged: frozenset[str]
    sockets: Mapping[str, str | None]
    repays: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    one_section: bool = False
    free_methods: frozenset[str] = frozenset({"GET", "HEAD"})


def _names(lists: Mapping[str, str]) -> frozenset[str]:
    return frozenset(f"{head} {path}" for head, paths in lists.items() for path in paths.split())


def _orders(lists: Mapping[tuple[str, str, str], str]) -> dict[str, tuple[str, str]]:
    return {f"{head} {path}": (kind, venue) for (head, kind, venue), paths in lists.items() for path in paths.split()}


def _sockets(harmless: str, orders: Mapping[str, str]) -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(harmless.split())
    return found | {name: kind for kind, names in orders.items() for name in names.split()}


_BINANCE_CONTRACTS: Final = "order algoOrder"

_BINANCE: Final = Table(
    orders=_orders({
        ("private POST", "spot", "BINANCE"): (
            "order order/oco order/cancelReplace sor/order "
            "orderList/oco orderList/oto orderList/otoco orderList/opo orderList/opoco"
        ),
        ("sapi POST", "margin", "BINANCE_MARGIN"): "margin/order margin/order/oco",
        ("sapi POST", "spot", "BINANCE"): "algo/spot/newOrderTwap",
        ("sapi POST", "contract", "BINANCE_USDM"): "algo/futures/newOrderVp algo/futures/newOrderTwap",
        ("fapiPrivate POST", "contract", "BINANCE_USDM"): _BINANCE_CONTRACTS,
        ("fapiPrivate PUT", "contract_change", "BINANCE_USDM"): "order",
        ("fapiPrivate POST", "contracts", "BINANCE_USDM"): "batchOrders",
        ("fapiPrivate PUT", "contracts_change", "BINANCE_USDM"): "batchOrders",
        ("dapiPrivate POST", "contract", "BINANCE_COINM"): _BINANCE_CONTRACTS,
        ("dapiPrivate PUT", "contract_change", "BINANCE_COINM"): "order",
        ("dapiPrivate POST", "contracts", "BINANCE_COINM"): "batchOrders",
        ("dapiPrivate PUT", "contracts_change", "BINANCE_COINM"): "batchOrders",
        ("eapiPrivate POST", "contract", "BINANCE_OPTIONS"): "order",
        ("eapiPrivate POST", "contracts", "BINANCE_OPTIONS"): "batchOrders",
        ("papi POST", "contract", "BINANCE_USDM"): "um/order um/conditional/order um/algo/order",
        ("papi PUT", "contract_change", "BINANCE_USDM"): "um/order",
        ("papi POST", "contract", "BINANCE_COINM"): "cm/order cm/conditional/order",
        ("papi PUT", "contract_change", "BINANCE_COINM"): "cm/order",
        ("papi POST", "margin", "BINANCE_MARGIN"): "margin/order margin/order/oco",
    }),
    repays={"sapi POST margin/borrow-repay": ("type", "REPAY")},
    # DELETE cancels, or takes something away, on every market of Binance.
    free_methods=frozenset({"GET", "HEAD", "DELETE"}),
    harmless=_names({
        "public POST": "userDataStream",
        "public PUT": "userDataStream",
        "private POST": "order/test sor/order/test",
        "sapi PUT": "userDataStream userDataStream/isolated",
        "sapiV3 POST": "asset/getUserAsset",
        "sapiV2 POST": "sub-account/subAccountApi/ipRestriction loan/flexible/repay loan/flexible/adjust/ltv",
        "sapi POST": """
            asset/transfer asset/get-funding-asset account/disableFastWithdrawSwitch account/enableFastWithdrawSwitch
            capital/withdraw/apply capital/contract/convertible-coins capital/deposit/credit-apply margin/transfer
            margin/repay margin/isolated/transfer margin/isolated/account margin/max-leverage bnbBurn
            sub-account/virtualSubAccount sub-account/margin/transfer sub-account/margin/enable
            sub-account/futures/enable sub-account/futures/transfer sub-account/futures/internalTransfer
            sub-account/transfer/subToSub sub-account/transfer/subToMaster sub-account/universalTransfer
            sub-account/options/enable managed-subaccount/deposit managed-subaccount/withdraw userDataStream
            userDataStream/isolated userListenToken futures/transfer lending/daily/redeem bswap/claimRewards blvt/redeem
            apiReferral/customization apiReferral/userCustomization apiReferral/rebate/historicalRecord
            apiReferral/kickback/historicalRecord broker/subAccount broker/subAccount/margin broker/subAccount/futures
            broker/subAccountApi broker/subAccountApi/permission broker/subAccountApi/commission
            broker/subAccountApi/commission/futures broker/subAccountApi/commission/coinFutures broker/transfer
            broker/transfer/futures broker/rebate/historicalRecord broker/subAccount/bnbBurn/spot
            broker/subAccount/bnbBurn/marginInterest broker/subAccount/blvt broker/subAccountApi/ipRestriction
            broker/subAccountApi/ipRestriction/ipList broker/universalTransfer
            broker/subAccountApi/permission/universalTransfer broker/subAccountApi/permission/vanillaOptions
            giftcard/redeemCode staking/redeem eth-staking/eth/redeem sol-staking/sol/redeem mining/hash-transfer/config
            mining/hash-transfer/config/cancel portfolio/repay loan/repay loan/adjust/ltv loan/flexible/repay
            loan/flexible/adjust/ltv loan/vip/repay convert/getQuote convert/limit/cancelOrder portfolio/auto-collection
            portfolio/asset-collection portfolio/bnb-transfer portfolio/repay-futures-switch
            portfolio/repay-futures-negative-balance portfolio/earn-asset-transfer portfolio/delta-mode
            portfolio/margin-call-level lending/auto-invest/redeem simple-earn/flexible/redeem simple-earn/locked/redeem
            simple-earn/locked/setRedeemOption equity/order/cancel equity/order/cancel-all equity/account/disclaimer
            equity/listenKey""",
        "fapiPrivate POST": """
            positionSide/dual positionMargin marginType order/test leverage listenKey countdownCancelAll
            multiAssetsMargin apiReferral/customization apiReferral/userCustomization feeBurn convert/getQuote""",
        "fapiPrivate PUT": "listenKey",
        "dapiPrivate POST": "positionSide/dual countdownCancelAll leverage marginType positionMargin listenKey",
        "dapiPrivate PUT": "listenKey",
        "eapiPrivate POST": "listenKey mmpSet mmpReset countdownCancelAll countdownCancelAllHeartBeat stock/contract",
        "eapiPrivate PUT": "listenKey",
        "papi POST": """
            repayLoan um/leverage cm/leverage um/positionSide/dual cm/positionSide/dual auto-collection bnb-transfer
            repay-futures-switch repay-futures-negative-balance listenKey asset-collection margin/repay-debt um/feeBurn
            um/stock/contract""",
        "papi PUT": "listenKey",
    }),
    unjudged=_names({
        "sapi POST": """
            asset/dust asset/dust-btc asset/convert-transfer margin/loan margin/dust margin/exchange-small-liability
            lending/customizedFixed/purchase lending/daily/purchase bswap/liquidityAdd bswap/liquidityRemove bswap/swap
            blvt/subscribe giftcard/createCode giftcard/buyCode staking/purchase staking/setAutoStaking
            eth-staking/eth/stake eth-staking/wbeth/wrap sol-staking/sol/stake loan/vip/renew loan/vip/borrow
            loan/borrow loan/customize/margin_call convert/acceptQuote convert/limit/placeOrder portfolio/mint
            portfolio/redeem lending/auto-invest/plan/add lending/auto-invest/plan/edit
            lending/auto-invest/plan/edit-status lending/auto-invest/one-off simple-earn/flexible/subscribe
            simple-earn/locked/subscribe simple-earn/flexible/setAutoSubscribe simple-earn/locked/setAutoSubscribe
            dci/product/subscribe dci/product/auto_compound/edit accumulator/product/subscribe equity/order/place
            equity/tokenized/mint equity/tokenized/redeem""",
        "sapiV2 POST": "eth-staking/eth/stake loan/flexible/borrow",
        "fapiPrivate POST": "convert/acceptQuote",
        "eapiPrivate POST": "block/order/create block/order/execute",
        "eapiPrivate PUT": "block/order/create",
        "papi POST": "marginLoan",
    }),
    sockets=_sockets(
        """
        SUBSCRIBE UNSUBSCRIBE LIST_SUBSCRIPTIONS SET_PROPERTY GET_PROPERTY REQUEST ping time exchangeInfo depth klines
        uiKlines avgPrice trades. ticker ticker. session. account. v2/account. userDataStream. order.test sor.order.test
        order.status order.cancel order.amendments orderList.status orderList.cancel openOrders. openOrderLists.
        allOrders allOrderLists myTrades myPreventedMatches myAllocations myFilters algoOrder.cancel algoOrder.status
        openAlgoOrders.
        """,
        {
            "order": """order.place order.cancelReplace algoOrder.place sor.order.place orderList.place
                orderList.place.oco orderList.place.oto orderList.place.otoco orderList.place.opo
                orderList.place.opoco""",
            "order_change": "order.modify order.amend.keepPriority",
        },
    ),
)  # fmt: skip

_OKX: Final = Table(
    orders=_orders({
        ("private POST", "okx", "OKX"): "trade/order trade/batch-orders trade/order-algo",
        ("private POST", "okx_change", "OKX"): "trade/amend-order trade/amend-batch-orders trade/amend-algos",
        ("private POST", "okx_close", "OKX"): "trade/close-position",
    }),
    repays={
        "private POST account/spot-manual-borrow-repay": ("side", "repay"),
        "private POST account/quick-margin-borrow-repay": ("side", "repay"),
        "private POST account/borrow-repay": ("side", "repay"),
    },
    one_section=True,
    harmless=_names({
        "public POST": "tradingBot/grid/min-investment",
        "private POST": """
            rfq/create-rfq rfq/cancel-rfq rfq/cancel-batch-rfqs rfq/cancel-all-rfqs rfq/maker-instrument-settings
            rfq/mmp-reset rfq/mmp-config rfq/cancel-quote rfq/cancel-batch-quotes rfq/cancel-all-quotes
            rfq/cancel-all-after sprd/cancel-order sprd/mass-cancel sprd/cancel-all-after trade/cancel-order
            trade/cancel-batch-orders trade/fills-archive trade/cancel-advance-algos trade/mass-cancel
            trade/cancel-all-after trade/order-precheck trade/cancel-algos asset/transfer asset/withdrawal
            asset/withdrawal-lightning asset/cancel-withdrawal asset/monthly-statement asset/convert/estimate-quote
            fiat/create-withdrawal fiat/cancel-withdrawal fiat/buy-sell/quote account/bills-history-archive
            account/set-position-mode account/set-leverage account/position/margin-balance account/set-fee-type
            account/set-greeks account/set-isolated-mode account/set-auto-repay account/simulated_margin
            account/position-builder account/position-builder-graph account/set-riskOffset-type
            account/set-riskOffset-amt account/activate-option account/set-auto-loan
            account/account-level-switch-preset account/set-account-level account/set-collateral-assets
            account/mmp-reset account/mmp-config account/fixed-loan/repay-borrowing-order account/set-auto-earn
            account/set-settle-currency account/set-trading-config account/demo-adjust-balance
            asset/subaccount/transfer account/subaccount/set-loan-allocation users/subaccount/create-subaccount
            users/subaccount/apikey users/subaccount/modify-apikey users/subaccount/subaccount-apikey
            users/subaccount/delete-apikey users/subaccount/set-transfer-out tradingBot/grid/stop-order-algo
            tradingBot/grid/close-position tradingBot/grid/cancel-close-order tradingBot/grid/withdraw-income
            tradingBot/grid/compute-margin-balance tradingBot/grid/min-investment tradingBot/signal/create-signal
            tradingBot/signal/stop-order-algo tradingBot/signal/close-position tradingBot/signal/cancel-sub-order
            tradingBot/recurring/stop-order-algo tradingBot/recurring/pause tradingBot/dca/stop
            tradingBot/dca/margin/reduce finance/savings/set-lending-rate finance/staking-defi/redeem
            finance/staking-defi/cancel finance/staking-defi/eth/redeem finance/staking-defi/eth/cancel-redeem
            finance/staking-defi/sol/redeem finance/staking-defi/sol/cancel-redeem finance/flexible-loan/max-loan
            finance/flexible-loan/adjust-collateral finance/flexible-loan/repay finance/okusd/redeem
            copytrading/close-subposition copytrading/set-instruments copytrading/amend-profit-sharing-ratio
            copytrading/stop-copy-trading copytrading/batch-set-leverage broker/nd/create-subaccount
            broker/nd/delete-subaccount broker/nd/subaccount/apikey broker/nd/subaccount/modify-apikey
            broker/nd/subaccount/delete-apikey broker/nd/set-subaccount-level broker/nd/set-subaccount-fee-rate
            broker/nd/set-subaccount-assets asset/broker/nd/subaccount-deposit-address
            asset/broker/nd/modify-subaccount-deposit-address broker/nd/rebate-per-orders finance/sfp/dcd/quote
            finance/sfp/dcd/redeem-quote finance/sfp/dcd/redeem broker/nd/report-subaccount-ip
            broker/dma/subaccount/apikey broker/dma/trades broker/fd/rebate-per-orders""",
    }),
    unjudged=_names({
        "private POST": """
            rfq/execute-quote rfq/create-quote sprd/order sprd/amend-order trade/easy-convert trade/one-click-repay
            trade/one-click-repay-v2 asset/convert/trade asset/convert-dust-assets fiat/buy-sell/trade
            account/fixed-loan/borrowing-order
            account/fixed-loan/amend-borrowing-order account/fixed-loan/manual-reborrow account/move-positions
            tradingBot/grid/order-algo tradingBot/grid/copy-order-algo tradingBot/grid/amend-algo-basic-param
            tradingBot/grid/amend-order-algo tradingBot/grid/order-instant-trigger tradingBot/grid/margin-balance
            tradingBot/grid/adjust-investment tradingBot/signal/order-algo tradingBot/signal/margin-balance
            tradingBot/signal/amendTPSL tradingBot/signal/set-instruments tradingBot/signal/sub-order
            tradingBot/recurring/order-algo tradingBot/recurring/amend-order-algo tradingBot/recurring/add-investment
            tradingBot/recurring/amend-price-range tradingBot/recurring/amend-recurring-amount
            tradingBot/recurring/amend-recurring-time tradingBot/recurring/restart tradingBot/dca/create
            tradingBot/dca/amend-order-algo tradingBot/dca/orders/manual-buy tradingBot/dca/settings/reinvestment
            tradingBot/dca/settings/take-profit tradingBot/dca/margin/add finance/savings/purchase-redempt
            finance/staking-defi/purchase finance/staking-defi/eth/purchase finance/staking-defi/sol/purchase
            finance/flexible-loan/borrow finance/okusd/subscribe copytrading/algo-order
            copytrading/first-copy-settings copytrading/amend-copy-settings finance/sfp/dcd/order
            finance/sfp/dcd/trade""",
    }),
    sockets=_sockets(
        "subscribe unsubscribe login cancel-order batch-cancel-orders mass-cancel",
        {"okx": "order batch-orders", "okx_change": "amend-order batch-amend-orders"},
    ),
)  # fmt: skip

_KRAKEN: Final = Table(
    orders=_orders({
        ("private POST", "kraken", "KRAKEN"): "AddOrder AddOrderBatch",
        ("private POST", "kraken_change", "KRAKEN"): "EditOrder AmendOrder",
    }),
    one_section=True,
    harmless=_names({
        "private POST": """
            Level3 Balance BalanceEx CreditLines TradeBalance OpenOrders ClosedOrders QueryOrders OrderAmends
            TradesHistory QueryTrades OpenPositions Ledgers QueryLedgers TradeVolume AddExport ExportStatus
            RetrieveExport RemoveExport GetApiKeyInfo ListWalletAccounts CancelOrder CancelAll CancelAllOrdersAfter
            GetWebSocketsToken CancelOrderBatch DepositMethods DepositAddresses DepositStatus WithdrawMethods
            WithdrawAddresses WithdrawInfo Withdraw WithdrawStatus WithdrawCancel WalletTransfer CreateSubaccount
            AccountTransfer Earn/Deallocate Earn/AllocateStatus Earn/DeallocateStatus Earn/Strategies
            Earn/Allocations""",
    }),
    unjudged=_names({"private POST": "Earn/Allocate"}),
    sockets=_sockets(
        "subscribe unsubscribe ping pong cancel_order cancel_all cancel_all_orders_after batch_cancel cancelOrder "
        "cancelAll cancelAllOrdersAfter",
        {"kraken": "add_order batch_add addOrder", "kraken_change": "amend_order edit_order editOrder"},
    ),
)  # fmt: skip

TABLES: Final[Mapping[str, Table]] = {
    "binance": _BINANCE,
    "binancecoinm": _BINANCE,
    "binanceusdm": _BINANCE,
    "kraken": _KRAKEN,
    "okx": _OKX,
}
"""By the name of ccxt's module. No other is guarded: of an exchange that nobody reads nothing may be opened anyway."""
