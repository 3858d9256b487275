-- can_trade_many of version 1 as can_trade_v1.sql has it: same signature, columns and values. It opens four relations less.
-- What markets_asset and watch_effective say of an instrument stands in its row (migrations/markets/instrument_flags.sql),
-- trade_setting and events_clockstate in the heartbeat's (trade_settings.sql).
-- A connection's first call pays for each relation and each expression: measure before anything is added
-- (python -m benchmarks.can_trade). Parts that are not MATERIALIZED are copied into each other, which cost it a millisecond.
CREATE OR REPLACE FUNCTION can_trade_many(exchanges text[], symbols text[])
RETURNS TABLE (
    n integer, exchange text, venue text, symbol text, base text, quote text, settle text,
    may_open boolean, may_close boolean,
    action text, base_action text, quote_action text, instrument_action text,
    trading_status text, trading_ends_at timestamptz, reasons jsonb, event_ids bigint[],
    status text, stale_sources text[], covered text, as_of timestamptz, age_ms bigint, seq bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
-- Ways that no index lookup goes need not be thought of: 0.3 ms of a first call.
SET max_parallel_workers_per_gather = 0
SET enable_memoize = off SET enable_material = off SET enable_incremental_sort = off SET enable_hashagg = off
AS $$
#variable_conflict use_column
DECLARE
    now_is timestamptz := clock_timestamp();
    -- An exchange's dates are compared with the daemon's time too, where this server's clock was set: the later counts.
    future constant interval := '5 seconds'; -- what lies further ahead was written by a wrong clock
    beat timestamptz;
    alive boolean;
    refreshed timestamptz;
    latest timestamptz; -- an end that has passed stays so when the database's clock is set back
    number bigint;
    daemon text[] := '{}';
    trade_listed boolean;
    off double precision; -- the database's clock minus the daemon's time, in seconds
    hit_n integer[];
    hit_id bigint[];
    hit_venue text[];
    asked integer;
    missing integer[] := '{}';
    hits bigint[];
    places text[];
BEGIN
    IF cardinality(exchanges) IS DISTINCT FROM cardinality(symbols) THEN
        RAISE EXCEPTION 'can_trade_many was given % exchanges and % symbols, expected as many of each',
                        COALESCE(cardinality(exchanges), 0), COALESCE(cardinality(symbols), 0)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    SELECT state.refreshed_at, state.seq, heart.beat_at, heart.trade_listed, heart.database_off_seconds
      INTO refreshed, number, beat, trade_listed, off
      FROM risk_view_state AS state
      LEFT JOIN events_heartbeat AS heart ON heart.only_row;
    IF trade_listed IS NULL OR off IS NULL THEN
        -- Not copied yet, or no daemon ever ran.
        SELECT COALESCE(bool_or(setting.trade_listed), false) INTO trade_listed FROM trade_setting AS setting;
        SELECT COALESCE(max(clocks.database_off_seconds), 0) INTO off FROM events_clockstate AS clocks;
    END IF;
    -- What the daemon takes for the time while it holds the database's clock for wrong; and until it has noticed
    -- that this clock was set, what it wrote last.
    latest := GREATEST(now_is, now_is - off * interval '1 second', beat);
    alive := COALESCE(beat BETWEEN now_is - interval '12 seconds' AND now_is + future, false);
    IF NOT alive THEN
        daemon := daemon || 'heartbeat'::text;
    END IF;
    IF (refreshed <= now_is + future) IS NOT TRUE THEN
        daemon := daemon || 'refresh'::text;
    END IF;

    -- One name as it is written, by its exchange's own name or a venue's: in instrument_name both stand beside the name, as
    -- venue_spelling has them.
    IF cardinality(symbols) = 1 THEN
        SELECT array_agg(1), array_agg(hit.instrument_id), array_agg(hit.venue)
          INTO hit_n, hit_id, hit_venue
          FROM (SELECT DISTINCT called.instrument_id, called.venue::text AS venue
                  FROM instrument_name AS called
                 WHERE called.name::text = upper(btrim(symbols[1]) COLLATE "C") COLLATE "default"
                   AND btrim(exchanges[1]) IN (called.exchange::text, called.venue::text)) AS hit;
    END IF;
    IF hit_n IS NULL THEN
        -- Names as they are written.
        WITH request AS MATERIALIZED (
            SELECT ordinal::integer AS n, btrim(given.exchange) AS exchange, upper(btrim(given.symbol) COLLATE "C") COLLATE "default" AS name
              FROM unnest(exchanges, symbols) WITH ORDINALITY AS given (exchange, symbol, ordinal)
        ), place AS MATERIALIZED (
            SELECT known.exchange, spelled.venue::text AS venue, spelled.list_venue::text AS list_venue
              FROM (SELECT DISTINCT exchange FROM request WHERE exchange <> '') AS known
              JOIN venue_spelling AS spelled ON spelled.spelling::text = COALESCE( -- as can_trade_scope does
                   (SELECT own.spelling::text FROM venue_spelling AS own WHERE own.spelling::text = known.exchange LIMIT 1),
                   translate(lower(known.exchange COLLATE "C"), ' -.', '___') COLLATE "default")
        )
        SELECT array_agg(hit.n), array_agg(hit.instrument_id), array_agg(hit.venue)
          INTO hit_n, hit_id, hit_venue
          FROM (
            SELECT DISTINCT request.n, called.instrument_id, place.venue
              FROM request
              JOIN place ON place.exchange = request.exchange
              JOIN instrument_name AS called ON called.name::text = request.name AND called.venue::text = place.list_venue
          ) AS hit;
        IF hit_n IS NULL OR cardinality(exchanges) > 1 THEN
            SELECT hit_n || array_agg(hit.n), hit_id || array_agg(hit.instrument_id), hit_venue || array_agg(hit.venue)
              INTO hit_n, hit_id, hit_venue
              FROM (SELECT DISTINCT given.ordinal::integer AS n, called.instrument_id, called.venue::text AS venue
                      FROM unnest(exchanges, symbols) WITH ORDINALITY AS given (exchange, symbol, ordinal)
                      JOIN instrument_name AS called
                        ON called.name::text = upper(btrim(given.symbol) COLLATE "C") COLLATE "default"
                     WHERE btrim(given.exchange) <> '' IS NOT TRUE) AS hit;
        END IF;
    END IF;

    -- The others are repaired: other separators, a venue in front, an exchange behind.
    IF hit_n IS NULL OR cardinality(symbols) > 1 THEN
        FOR asked IN SELECT place FROM generate_series(1, cardinality(symbols)) AS place
                      WHERE place <> ALL (COALESCE(hit_n, '{}')) LOOP
            SELECT repaired.ids, repaired.venues INTO hits, places
              FROM can_trade_repair(exchanges[asked], symbols[asked]) AS repaired;
            IF hits IS NULL THEN
                missing := missing || asked;
            ELSE
                hit_n := hit_n || array_fill(asked, ARRAY[cardinality(hits)]);
                hit_id := hit_id || hits;
                hit_venue := hit_venue || places;
            END IF;
        END LOOP;
    END IF;

    RETURN QUERY
    WITH found AS MATERIALIZED (
        SELECT hit.n, hit.venue, instrument.venue::text AS list_venue, instrument.symbol::text AS symbol,
               lower(split_part(instrument.venue, '_', 1)) AS exchange,
               instrument.token::text AS base, instrument.quote_token::text AS quote,
               instrument.settle_token::text AS settle,
               ARRAY[instrument.token, instrument.quote_token, instrument.settle_token, '*']::text[] AS tokens,
               ARRAY[hit.venue || ':' || instrument.symbol::text,
                     instrument.venue::text || ':' || instrument.symbol::text] AS tickers,
               instrument.status::text AS word, instrument.ends_at,
               NOT instrument.live OR (instrument.ends_at <= latest) IS TRUE AS stopped,
               (instrument.ends_at <= latest) IS TRUE OR instrument.status::text = 'GONE' AS ended,
               -- Stored before quote and settlement were read: nobody can say yet what it is paid in.
               instrument.quote_token::text <> ''
               AND (instrument.settle_token::text <> ''
                    OR instrument.contract_type::text = ''
                       AND split_part(instrument.venue, '_', 2) NOT IN ('USDM', 'COINM')) AS complete,
               instrument.pegged, instrument.watched IS TRUE AS is_watched
          FROM unnest(hit_n, hit_id, hit_venue) AS hit (n, id, venue)
          JOIN markets_instrument AS instrument ON instrument.id = hit.id
    ), resting AS MATERIALIZED (
        SELECT place.list_venue,
               count(needed.source) = 0 AS unmapped,
               COALESCE(array_agg(DISTINCT needed.source) FILTER (WHERE needed.role <> 'pegs' AND NOT needed.fresh), '{}')
                   AS without_pegs,
               COALESCE(array_agg(DISTINCT needed.source) FILTER (WHERE NOT needed.fresh), '{}') AS with_pegs
          FROM (SELECT DISTINCT found.list_venue FROM found) AS place
          LEFT JOIN LATERAL (
            SELECT needed.source::text AS source, needed.role::text AS role,
                   (health.state::text <> 'stale'
                    AND health.last_success_at BETWEEN now_is - health.interval_seconds * interval '5 seconds'
                                                   AND now_is + future) IS TRUE AS fresh
              FROM venue_source AS needed
              LEFT JOIN events_sourcehealth AS health ON health.source::text = needed.source::text
             WHERE needed.venue::text = place.list_venue
            OFFSET 0
          ) AS needed ON true
         GROUP BY place.list_venue
    ), judged AS MATERIALIZED (
        SELECT found.*, risk.*,
               CASE WHEN found.stopped THEN 'halt'::risk_action ELSE risk.on_instrument END AS at_instrument,
               CASE WHEN found.pegged IS FALSE THEN resting.without_pegs ELSE resting.with_pegs END
                   || CASE WHEN resting.unmapped THEN ARRAY['venue_source'] ELSE '{}' END
                   || CASE WHEN found.complete THEN '{}' ELSE ARRAY['instrument'] END
                   || daemon AS stale
          FROM found
          JOIN resting ON resting.list_venue = found.list_venue
         CROSS JOIN LATERAL (
            SELECT max(per_event.on_base) AS on_base,
                   max(per_event.on_quote) AS on_quote,
                   max(per_event.on_instrument) AS on_instrument,
                   max(per_event.trading_status) AS trading_status,
                   min(per_event.trading_ends_at) AS ends,
                   COALESCE(array_agg(per_event.id ORDER BY per_event.opened_at DESC, per_event.id DESC), '{}') AS ids,
                   COALESCE(jsonb_agg(jsonb_build_object(
                        'id', per_event.id, 'source', per_event.source, 'category', per_event.category,
                        'priority', per_event.priority, 'title', per_event.title, 'url', per_event.url,
                        'important_dates', per_event.important_dates,
                        'action', GREATEST(per_event.on_base, per_event.on_quote, per_event.on_instrument),
                        'concerns', array_remove(ARRAY[
                            CASE WHEN per_event.on_base IS NOT NULL THEN 'base' END,
                            CASE WHEN per_event.on_quote IS NOT NULL THEN 'quote' END,
                            CASE WHEN per_event.on_instrument IS NOT NULL THEN 'instrument' END], NULL))
                     ORDER BY per_event.opened_at DESC, per_event.id DESC), '[]') AS why
              FROM (
                -- Grouped by the key alone: a connection's first call has to look up how each type of a GROUP BY compares.
                SELECT event.id, event.source, event.category, event.priority, event.title, event.url,
                       event.important_dates, event.opened_at,
                       max(placed.action) FILTER (WHERE placed.of_base AND place.here) AS on_base,
                       max(placed.action) FILTER (WHERE placed.of_quote AND place.here) AS on_quote,
                       max(placed.action) FILTER (WHERE placed.named OR placed.of_coin AND place.here) AS on_instrument,
                       max(placed.trading_status) FILTER (WHERE placed.named
                           OR (placed.of_base OR placed.of_coin) AND place.here) AS trading_status,
                       min(placed.trading_ends_at) FILTER (WHERE placed.named
                           OR (placed.of_base OR placed.of_coin) AND place.here) AS trading_ends_at
                  FROM (
                    SELECT event_id, venue::text AS venue, trading_ends_at,
                           action::risk_action AS action, trading_status::trading_status AS trading_status,
                           scope::text = 'asset' AND upper(token) = found.base AS of_base,
                           scope::text <> 'pairs' AND upper(token) IN (found.quote, found.settle) AS of_quote,
                           -- Pairs that a notice does not name may be any of the coin's.
                           token::text = '*' OR upper(token) = found.base
                               AND (scope::text = 'venue' OR scope::text = 'pairs' AND cardinality(tickers) = 0) AS of_coin,
                           tickers && found.tickers AS named
                      FROM events_effect
                     WHERE open AND (upper(token) = ANY (found.tokens) OR tickers && found.tickers)
                    OFFSET 0
                  ) AS placed
                  JOIN events_event AS event ON event.id = placed.event_id AND event.status::text = 'open'
                 CROSS JOIN LATERAL (
                    -- Whatever is elsewhere never counts; of three kinds all markets of an exchange are one place. And
                    -- another coin of the same symbol, which no exchange trades, may lose its peg.
                    SELECT (placed.venue = '' OR upper(placed.venue) IN (found.venue, found.list_venue)
                            OR event.category::text IN ('depeg', 'wallet_suspension', 'exchange_halt')
                               AND lower(split_part(placed.venue, '_', 1)) = found.exchange)
                           AND NOT (event.category::text = 'depeg' AND event.priority::text = 'low'
                                    AND event.facts ? 'namesake_of'::text) AS here
                    OFFSET 0
                 ) AS place
                 WHERE placed.named OR place.here AND (placed.of_base OR placed.of_quote OR placed.of_coin)
                 GROUP BY event.id
              ) AS per_event
         ) AS risk
    ), answered AS MATERIALIZED (
        SELECT judged.*,
               GREATEST(judged.on_base, judged.on_quote, judged.at_instrument) AS strictest,
               CASE WHEN judged.is_watched THEN 'watched' ELSE 'listed' END AS cover,
               CASE WHEN NOT judged.complete OR NOT alive THEN 'unknown'
                    WHEN cardinality(judged.stale) > 0 THEN 'stale' ELSE 'fresh' END AS trust
          FROM judged
    ), answer AS (
        SELECT one.n, one.exchange, one.venue, one.symbol, one.base, one.quote, one.settle,
               one.trust = 'fresh' AND (one.is_watched OR trade_listed)
                   AND COALESCE(one.strictest::text, 'none') IN ('none', 'watch') AS may_open,
               COALESCE(one.strictest::text, 'none') <> 'halt' AS may_close,
               COALESCE(one.strictest::text, 'none') AS action,
               COALESCE(one.on_base::text, 'none') AS base_action,
               COALESCE(one.on_quote::text, 'none') AS quote_action,
               COALESCE(one.at_instrument::text, 'none') AS instrument_action,
               COALESCE(GREATEST(one.trading_status, CASE WHEN one.ended THEN 'delisted'::trading_status
                                                          WHEN one.stopped THEN 'trading_suspended' END)::text,
                        'trading') AS trading_status,
               LEAST(one.ends, one.ends_at) AS trading_ends_at,
               one.why || CASE WHEN one.stopped THEN jsonb_build_array(jsonb_build_object(
                    'category', 'instrument', 'source', one.exchange, 'action', 'halt',
                    'concerns', ARRAY['instrument'], 'title', one.tickers[2] || ' does not trade: '
                        || CASE WHEN one.word <> 'GONE' AND one.ended THEN 'its end has passed' ELSE one.word END))
                          ELSE '[]' END AS reasons,
               one.strictest, one.ids AS event_ids,
               one.trust AS status, one.stale AS stale_sources, one.cover AS covered
          FROM answered AS one
    )
    SELECT answer.n, answer.exchange, answer.venue, answer.symbol, answer.base, answer.quote, answer.settle,
           answer.may_open, answer.may_close, answer.action, answer.base_action, answer.quote_action,
           answer.instrument_action, answer.trading_status, answer.trading_ends_at, answer.reasons, answer.event_ids,
           answer.status, answer.stale_sources, answer.covered, beat,
           (extract(epoch FROM now_is - beat) * 1000::numeric)::bigint, number
      FROM answer
     ORDER BY answer.n, answer.may_close::integer, answer.may_open::integer, answer.strictest DESC NULLS LAST,
              (answer.venue || ':' || answer.symbol) COLLATE "C";

    IF cardinality(missing) > 0 THEN
        RETURN QUERY
        SELECT request.n, COALESCE(spelled.exchange, lower(btrim(exchanges[request.n])), ''),
               COALESCE(spelled.only_venue, ''), COALESCE(btrim(symbols[request.n]), ''), '', '', '', false, true,
               'none', 'none', 'none', 'none', 'unknown', NULL::timestamptz, '[]'::jsonb, '{}'::bigint[], 'unknown',
               daemon, 'unknown', beat, (extract(epoch FROM now_is - beat) * 1000::numeric)::bigint, number
          FROM unnest(missing) AS request (n)
         CROSS JOIN LATERAL (
            SELECT min(known.exchange)::text AS exchange,
                   CASE WHEN count(*) = 1 THEN min(known.venue)::text END AS only_venue
              FROM venue_spelling AS known WHERE known.spelling = can_trade_scope(exchanges[request.n])
         ) AS spelled
         ORDER BY request.n;
    END IF;
END
$$;
