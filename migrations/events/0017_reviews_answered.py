"""`can_trade` names undecided reviews in its reasons, at `watch`; and the ledger has a row of each change of a review.

Names, columns and values of the answer are the same. A connection's first call is near its bound, so the main query opens
no further relation: `risk_view_state` has until when any review counts and which names they have, and only for a pair with
such a name another statement is planned that reads them.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations

from migrations.operations import RunSQLPastReaders

ADD = "ALTER TABLE risk_view_state ADD COLUMN reviews_until timestamptz, ADD COLUMN reviewed_names text[] DEFAULT '{}'"
DROP = "ALTER TABLE risk_view_state DROP COLUMN reviews_until, DROP COLUMN reviewed_names"
FIRE_PENDING_TRIGGERS = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;"

READ_REVIEWS = """
    -- The reviews of each hit, in arrays beside it. Without one that may concern a hit this is never planned.
    IF reviews_until > now_is AND hit_n IS NOT NULL THEN
        SELECT array_agg(instrument.token::text) || array_agg(instrument.quote_token::text)
               || array_agg(instrument.settle_token::text),
               array_agg(instrument.symbol::text)
          INTO asked_coins, asked_symbols
          FROM markets_instrument AS instrument
         WHERE instrument.id = ANY (hit_id);
    END IF;
    -- NULL: too many to compare.
    IF asked_coins && reviewed_names OR asked_symbols && reviewed_names
       OR asked_coins IS NOT NULL AND reviewed_names IS NULL THEN
        -- Where each name is: a lookup for each pair, whatever the statistics are. All reviews beside all pairs would be
        -- millions of rows on a bad day.
        WITH by_name AS MATERIALIZED (
            SELECT jsonb_object_agg(named.name, named.ids) AS ids
              FROM (
                SELECT newest.name, jsonb_agg(newest.id) AS ids
                  FROM (
                    SELECT its.name, review.id,
                           row_number() OVER (PARTITION BY its.name ORDER BY review.opened_at DESC, review.id DESC) AS nth
                      FROM events_review AS review
                     CROSS JOIN LATERAL (
                        -- Nobody has read which of its exchange's markets it means.
                        SELECT DISTINCT split_part(venue, '_', 1) || ' ' || coin
                          FROM unnest(review.tokens) AS coin
                         CROSS JOIN unnest(CASE WHEN review.venues = '{}' THEN ARRAY[''] ELSE review.venues END) AS venue
                         WHERE (coin IN (SELECT unnest(asked_coins))) IS TRUE
                         UNION ALL
                        SELECT pair FROM unnest(review.tickers) AS pair
                         WHERE (split_part(pair, ':', 2) IN (SELECT unnest(asked_symbols))) IS TRUE
                     ) AS its (name)
                     WHERE review.decided_at IS NULL AND review.released_at > now_is - interval '30 days'
                  ) AS newest
                 WHERE newest.nth <= 20 AND newest.name IS NOT NULL
                 GROUP BY newest.name
              ) AS named
        )
        SELECT array_agg(CASE WHEN named.of_base THEN 'watch'::risk_action END ORDER BY hit.place),
               array_agg(CASE WHEN named.of_quote THEN 'watch'::risk_action END ORDER BY hit.place),
               array_agg(CASE WHEN named.of_pair THEN 'watch'::risk_action END ORDER BY hit.place),
               array_agg(named.why ORDER BY hit.place)
          INTO review_base, review_quote, review_pair, review_why
          FROM unnest(hit_id) WITH ORDINALITY AS hit (id, place)
          LEFT JOIN (
            SELECT one.place, bool_or(one.of_base) AS of_base, bool_or(one.of_quote) AS of_quote,
                   bool_or(one.of_pair) AS of_pair,
                   jsonb_agg(jsonb_build_object(
                        'review', one.id, 'source', one.source, 'category', 'review', 'priority', 'low',
                        'title', one.title, 'url', one.url, 'important_dates', '[]'::jsonb, 'action', 'watch',
                        'concerns', array_remove(ARRAY[CASE WHEN one.of_base THEN 'base' END,
                                                       CASE WHEN one.of_quote THEN 'quote' END,
                                                       CASE WHEN one.of_pair THEN 'instrument' END], NULL))
                     -- A person reads no more of them, and an answer must stay small.
                     ORDER BY one.nth) FILTER (WHERE one.nth <= 20) AS why
              FROM (
                SELECT place.place, bool_or(its.what = 'base') AS of_base, bool_or(its.what = 'quote') AS of_quote,
                       bool_or(its.what = 'pair') AS of_pair,
                       review.id, review.source::text AS source, review.title, review.url,
                       row_number() OVER (PARTITION BY place.place
                                              ORDER BY review.opened_at DESC, review.id DESC) AS nth
                  FROM by_name
                 CROSS JOIN unnest(hit_id, hit_venue) WITH ORDINALITY AS place (id, venue, place)
                  JOIN markets_instrument AS instrument ON instrument.id = place.id
                 CROSS JOIN LATERAL (SELECT split_part(place.venue, '_', 1) || ' ' AS exchange) AS here
                 CROSS JOIN LATERAL (VALUES
                        ('base', here.exchange || instrument.token), ('base', ' ' || instrument.token),
                        ('quote', here.exchange || instrument.quote_token), ('quote', ' ' || instrument.quote_token),
                        ('quote', here.exchange || instrument.settle_token), ('quote', ' ' || instrument.settle_token),
                        ('pair', place.venue || ':' || instrument.symbol),
                        ('pair', instrument.venue || ':' || instrument.symbol)) AS its (what, name)
                 CROSS JOIN LATERAL jsonb_array_elements_text(by_name.ids -> its.name) AS named (id)
                  JOIN events_review AS review ON review.id = named.id::bigint
                 -- Most names are in no review: their arrays are not opened.
                 WHERE by_name.ids ? its.name
                 GROUP BY place.place, review.id
              ) AS one
             GROUP BY one.place
          ) AS named ON named.place = hit.place;
    END IF;
"""

# (was, now), each found once in the text of 0015.
CHANGES = (
    (
        "    places text[];\nBEGIN\n",
        "    places text[];\n    reviews_until timestamptz;\n    reviewed_names text[];\n"
        "    asked_coins text[];\n    asked_symbols text[];\n"
        "    review_base risk_action[];\n"
        "    review_quote risk_action[];\n    review_pair risk_action[];\n    review_why jsonb[];\nBEGIN\n",
    ),
    (
        "    SELECT state.refreshed_at, state.seq, heart.beat_at, heart.trade_listed, heart.database_off_seconds\n"
        "      INTO refreshed, number, beat, trade_listed, off\n",
        "    SELECT state.refreshed_at, state.seq, state.reviews_until, state.reviewed_names,\n"
        "           heart.beat_at, heart.trade_listed, heart.database_off_seconds\n"
        "      INTO refreshed, number, reviews_until, reviewed_names, beat, trade_listed, off\n",
    ),
    (
        "\n    RETURN QUERY\n    WITH found AS MATERIALIZED (\n",
        READ_REVIEWS + "\n    RETURN QUERY\n    WITH found AS MATERIALIZED (\n",
    ),
    (
        "               instrument.pegged, instrument.watched IS TRUE AS is_watched\n"
        "          FROM unnest(hit_n, hit_id, hit_venue) AS hit (n, id, venue)\n",
        "               instrument.pegged, instrument.watched IS TRUE AS is_watched,\n"
        "               hit.review_base, hit.review_quote, hit.review_pair, hit.review_why\n"
        "          FROM unnest(hit_n, hit_id, hit_venue, review_base, review_quote, review_pair, review_why)\n"
        "               AS hit (n, id, venue, review_base, review_quote, review_pair, review_why)\n",
    ),
    (
        "               CASE WHEN found.stopped THEN 'halt'::risk_action ELSE risk.on_instrument END AS at_instrument,\n",
        "               CASE WHEN found.stopped THEN 'halt'::risk_action\n"
        "                    ELSE GREATEST(risk.on_instrument, found.review_pair) END AS at_instrument,\n"
        "               GREATEST(risk.on_base, found.review_base) AS at_base,\n"
        "               GREATEST(risk.on_quote, found.review_quote) AS at_quote,\n",
    ),
    (
        "               GREATEST(judged.on_base, judged.on_quote, judged.at_instrument) AS strictest,\n",
        "               GREATEST(judged.at_base, judged.at_quote, judged.at_instrument) AS strictest,\n",
    ),
    (
        "               COALESCE(one.on_base::text, 'none') AS base_action,\n"
        "               COALESCE(one.on_quote::text, 'none') AS quote_action,\n",
        "               COALESCE(one.at_base::text, 'none') AS base_action,\n"
        "               COALESCE(one.at_quote::text, 'none') AS quote_action,\n",
    ),
    (
        "               one.why || CASE WHEN one.stopped THEN jsonb_build_array(",
        "               one.why || COALESCE(one.review_why, '[]') || CASE WHEN one.stopped THEN jsonb_build_array(",
    ),
)


def _sql(name: str) -> str:
    return (Path(str(import_module("migrations.events").__file__)).parent / name).read_text(encoding="utf-8")


def _former() -> str:
    former = import_module("migrations.events.0015_can_trade_old_statistics")
    return str(former._now()) + _sql("can_trade_path.sql")


def _now() -> str:
    text = _former()
    for was, now in CHANGES:
        if text.count(was) != 1:
            raise ValueError(f"can_trade_many has {text.count(was)} times {was!r}, expected once")
        text = text.replace(was, now)
    return text


class Migration(migrations.Migration):
    dependencies = [("events", "0016_reviews")]

    operations = [
        RunSQLPastReaders(ADD, DROP),
        migrations.RunSQL(
            [(FIRE_PENDING_TRIGGERS, None), (_sql("reviews_v1.sql"), None)],
            [(FIRE_PENDING_TRIGGERS, None), (_sql("reviews_v1_drop.sql"), None)],
        ),
        migrations.RunSQL([(_now(), None)], [(_former(), None)]),
    ]
