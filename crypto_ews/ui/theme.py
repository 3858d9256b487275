"""The look of the admin: title, colours, navigation and the dashboard."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy


def _page(title: str, icon: str, view: str, permission: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{view}"),
        "permission": lambda request: request.user.has_perm(permission),
        **more,
    }


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "collapsible": False, "items": list(items)}


NAVIGATION: list[dict[str, Any]] = [
    _group(
        "What is at risk now",
        {"title": "Overview", "icon": "dashboard", "link": reverse_lazy("admin:index")},
        _page("Tokens at risk", "token", "events_tokenrisk_changelist", "events.view_tokenrisk"),
        _page(
            "Instruments at risk",
            "candlestick_chart",
            "events_instrumentrisk_changelist",
            "events.view_instrumentrisk",
        ),
        _page("Positions of the desk", "account_balance_wallet", "events_position_changelist", "events.view_position"),
    ),
    _group(
        "Events",
        _page("Events", "crisis_alert", "events_event_changelist", "events.view_event"),
        _page("Reviews", "rate_review", "events_review_changelist", "events.view_review"),
        _page(
            "Articles",
            "article",
            "exchanges_seenarticle_changelist",
            "exchanges.view_seenarticle",
            # Its pages' addresses begin as the classification's does, which is an item of its own.
            active=lambda request: "/seenarticle/" in request.path and "/classification/" not in request.path,
        ),
        _page(
            "Suppressed keys",
            "block",
            "events_keysuppression_changelist",
            "events.view_keysuppression",
        ),
    ),
    _group(
        "Alerts",
        _page("Alerts", "outgoing_mail", "alerts_alert_changelist", "alerts.view_alert"),
        _page("Channels", "forum", "alerts_channelstate_changelist", "alerts.view_channelstate"),
        _page("Receivers", "add_link", "alerts_addedreceiver_changelist", "alerts.view_addedreceiver"),
        _page("Silences", "notifications_off", "alerts_silence_changelist", "alerts.view_silence"),
        _page("Acknowledgements", "back_hand", "alerts_acknowledgement_changelist", "alerts.view_acknowledgement"),
        _page("Audit", "policy", "alerts_auditentry_changelist", "alerts.view_auditentry"),
    ),
    _group(
        "Sources",
        _page("Source health", "monitor_heart", "events_sourcehealth_changelist", "events.view_sourcehealth"),
        _page(
            "Quarantine",
            "report",
            "events_quarantineditem_changelist",
            "events.view_quarantineditem",
        ),
        _page("Payloads", "inventory_2", "events_payloadpoll_changelist", "events.view_payloadpoll"),
    ),
    _group(
        "Rules",
        _page("Actions", "rule", "events_actionrule_changelist", "events.view_actionrule"),
        _page("Retention", "schedule", "events_retentionrule_changelist", "events.view_retentionrule"),
        _page("Classification", "category", "exchanges_classification", "exchanges.view_seenarticle"),
    ),
    _group(
        "Markets",
        _page("Watch lists", "visibility", "markets_watchlistentry_changelist", "markets.view_watchlistentry"),
        _page("Assets", "paid", "markets_asset_changelist", "markets.view_asset"),
        _page("Names", "badge", "markets_assetname_changelist", "markets.view_assetname"),
        _page("Risk tags", "sell", "exchanges_tagspell_changelist", "exchanges.view_tagspell"),
        _page("Instruments", "list_alt", "markets_instrument_changelist", "markets.view_instrument"),
        _page("Quote assets", "currency_exchange", "markets_quoteasset_changelist", "markets.view_quoteasset"),
    ),
    _group(
        "DeFi",
        _page("Hacks met", "bug_report", "defillama_seenhack_changelist", "defillama.view_seenhack"),
        _page("Networks", "hub", "defillama_network_changelist", "defillama.view_network"),
        _page("Protocol tokens", "link", "defillama_protocoltoken_changelist", "defillama.view_protocoltoken"),
        _page("Stablecoins", "balance", "defillama_peggedcoin_changelist", "defillama.view_peggedcoin"),
        _page("Currency rates", "payments", "defillama_currencyrate_changelist", "defillama.view_currencyrate"),
        _page("Market depth", "water", "liquidity_tokenliquidity_changelist", "liquidity.view_tokenliquidity"),
    ),
    _group(
        "Order books",
        {"title": "Live", "icon": "bubble_chart", "link": reverse_lazy("orderbooks:live")},
        _page("Whales", "tsunami", "orderbooks_whaleorder_changelist", "orderbooks.view_whaleorder"),
        _page("Minute rows", "stacked_line_chart", "orderbooks_bookminute_changelist", "orderbooks.view_bookminute"),
        _page("Streams", "sensors", "orderbooks_streamstatus_changelist", "orderbooks.view_streamstatus"),
    ),
    _group(
        "Volume",
        _page("Event keys", "vpn_key", "trades_volumeeventkey_changelist", "trades.view_volumeeventkey"),
        _page("Observations", "visibility", "trades_volumeobservation_changelist", "trades.view_volumeobservation"),
        _page("Unusual volume", "bar_chart", "trades_unusualvolume_changelist", "trades.view_unusualvolume"),
    ),
    _group(
        "Access",
        _page("API tokens", "key", "api_apitoken_changelist", "api.view_apitoken"),
        _page("Acts through the API", "api", "api_apiact_changelist", "api.view_apiact"),
        _page("Users", "person", "auth_user_changelist", "auth.view_user"),
        _page("Groups", "group", "auth_group_changelist", "auth.view_group"),
    ),
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Crypto early warning",
    "SITE_HEADER": "Crypto early warning",
    "SITE_SUBHEADER": "What is at risk now",
    "SITE_SYMBOL": "crisis_alert",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("crypto_ews/favicon.svg")}
    ],
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "events.admin.dashboard.dashboard",
    "STYLES": [lambda request: static("crypto_ews/admin.css")],
    "COLORS": {
        "primary": {
            "50": "oklch(97.1% .013 236)",
            "100": "oklch(95% .026 236)",
            "200": "oklch(90% .058 231)",
            "300": "oklch(82.8% .111 230)",
            "400": "oklch(74.6% .15 233)",
            "500": "oklch(65% .16 240)",
            "600": "oklch(56% .15 244)",
            "700": "oklch(49% .13 244)",
            "800": "oklch(44% .11 242)",
            "900": "oklch(39% .09 242)",
            "950": "oklch(29% .066 243)",
        },
    },
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": NAVIGATION},
}
