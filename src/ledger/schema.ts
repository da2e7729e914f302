/** The ledger's tables, and the steps that bring an older file up to date. */

/** Marks a SQLite file as a ledger of pirouter ("piro"): https://www.sqlite.org/pragma.html#pragma_application_id */
export const APPLICATION_ID = 0x7069726f;

/**
 * THE TABLE of migrations: entry n brings a file from `user_version` n to n + 1. A released entry
 * never changes; a new column is a new entry. Plain tables (not STRICT), so that any `sqlite3` reads them.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    ts INTEGER NOT NULL, -- milliseconds since 1970, UTC
    requested_model TEXT NOT NULL,
    route_rule TEXT NOT NULL,
    difficulty TEXT NOT NULL,
    primary_model TEXT NOT NULL,
    final_model TEXT, -- NULL: no candidate answered
    status TEXT NOT NULL, -- ok, error, exhausted, cancelled
    http_status INTEGER NOT NULL,
    stream INTEGER NOT NULL, -- 0 or 1
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    cost_usd REAL, -- NULL: the price of an attempt is unknown
    latency_ms REAL NOT NULL,
    ttft_ms REAL
  );
  CREATE INDEX requests_ts ON requests (ts);
  CREATE TABLE attempts (
    request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL, -- 1 for the first
    alias TEXT NOT NULL,
    provider TEXT NOT NULL,
    model_id TEXT NOT NULL,
    outcome TEXT NOT NULL, -- ok, weak_short, weak_marker, cancelled, or the kind of fault
    http_status INTEGER,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cached_tokens INTEGER,
    cache_write_tokens INTEGER,
    reasoning_tokens INTEGER,
    usage_source TEXT, -- provider or estimated; NULL: nothing was used
    cost_usd REAL, -- NULL: unknown, or nothing was used
    cost_source TEXT,
    latency_ms REAL NOT NULL,
    ttft_ms REAL,
    upstream_id TEXT,
    PRIMARY KEY (request_id, seq)
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE requests ADD COLUMN difficulty_score REAL; -- 0 easiest, 1 hardest
  ALTER TABLE requests ADD COLUMN explanation TEXT; -- JSON: reasons, candidates, rejected, otherwise
  ALTER TABLE attempts ADD COLUMN waited_ms REAL NOT NULL DEFAULT 0; -- before it, for a cool-down
  ALTER TABLE attempts ADD COLUMN started_ms REAL; -- since the request came
  ALTER TABLE attempts ADD COLUMN committed_ms REAL; -- since it came; NULL: its answer was not shown
  ALTER TABLE attempts ADD COLUMN error_code TEXT; -- the upstream's own
  `,
  `
  ALTER TABLE attempts ADD COLUMN dropped TEXT; -- names of what of the request it was not told
  `,
  `
  ALTER TABLE attempts ADD COLUMN judged INTEGER; -- 1: a weakness check has judged its answer
  ALTER TABLE requests ADD COLUMN features TEXT; -- JSON: what the decision was made from, no text of it
  `,
];

/** The `user_version` that this program writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** One row of `requests`, from a `RequestRecord`; a repeated id changes nothing, so that a batch can be written again. */
export const INSERT_REQUEST = `
  INSERT INTO requests (
    id, ts, requested_model, route_rule, difficulty, primary_model, final_model, status,
    http_status, stream, input_tokens, output_tokens, cached_tokens, cost_usd, latency_ms, ttft_ms,
    difficulty_score, explanation, features
  ) VALUES (
    :id, :ts, :requestedModel, :routeRule, :difficulty, :primaryModel, :finalModel, :status,
    :httpStatus, :stream, :inputTokens, :outputTokens, :cachedTokens, :costUsd, :latencyMs, :ttftMs,
    :difficultyScore, :explanation, :features
  ) ON CONFLICT (id) DO NOTHING`;

/** One row of `attempts`, from an `AttemptRecord` and its request's id. */
export const INSERT_ATTEMPT = `
  INSERT INTO attempts (
    request_id, seq, alias, provider, model_id, outcome, http_status, input_tokens, output_tokens,
    cached_tokens, cache_write_tokens, reasoning_tokens, usage_source, cost_usd, cost_source,
    latency_ms, ttft_ms, upstream_id, waited_ms, started_ms, committed_ms, error_code,
    dropped, judged
  ) VALUES (
    :requestId, :seq, :alias, :provider, :modelId, :outcome, :httpStatus, :inputTokens, :outputTokens,
    :cachedTokens, :cacheWriteTokens, :reasoningTokens, :usageSource, :costUsd, :costSource,
    :latencyMs, :ttftMs, :upstreamId, :waitedMs, :startedMs, :committedMs, :errorCode,
    :dropped, :judged
  ) ON CONFLICT (request_id, seq) DO NOTHING`;

/** The oldest requests before a time, at most so many; their attempts go with them. */
export const DELETE_OLD = `
  DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE ts < ? ORDER BY ts LIMIT ?)`;
