/** The questions that `stats` asks; `:sinceMs` is the first moment that counts. */

/** What a report can be grouped by. */
export const DIMENSIONS = ["model", "rule", "provider", "day"] as const;

/** What a report can be grouped by. */
export type Dimension = (typeof DIMENSIONS)[number];

/** An attempt that used tokens at an unknown price. */
const IS_UNPRICED = "(a.cost_usd IS NULL AND a.usage_source IS NOT NULL)";

/** Another model was asked right after this attempt; asking the same again is no change. */
const HAS_NEXT = `EXISTS (
  SELECT 1 FROM attempts n
  WHERE n.request_id = a.request_id AND n.seq = a.seq + 1 AND n.alias <> a.alias)`;

/** All attempts of the requests that count. */
const RECENT_ATTEMPTS = `
  FROM requests r CROSS JOIN attempts a ON a.request_id = r.id WHERE r.ts >= :sinceMs`;

/** One row of sums. Costs are those of the attempts, so that a known part of a request counts. */
export const TOTALS_SQL = `
  SELECT * FROM (
    SELECT count(*) AS requests,
      sum(status = 'ok') AS ok, sum(status = 'error') AS error,
      sum(status = 'exhausted') AS exhausted, sum(status = 'cancelled') AS cancelled,
      sum(input_tokens) AS inputTokens, sum(output_tokens) AS outputTokens,
      sum(cached_tokens) AS cachedTokens, sum(cost_usd IS NULL) AS unknownCostRequests
    FROM requests WHERE ts >= :sinceMs
  ), (
    SELECT sum(a.cost_usd) AS costUsd,
      sum(a.outcome IN ('weak_short', 'weak_marker') AND ${HAS_NEXT}) AS escalations,
      sum(a.outcome NOT IN ('ok', 'weak_short', 'weak_marker', 'cancelled') AND ${HAS_NEXT})
        AS fallbacks
    ${RECENT_ATTEMPTS}
  )`;

/** The nearest-rank percentile of a column: https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method */
function percentileSql(column: string, percent: number): string {
  const values = `FROM requests WHERE ts >= :sinceMs AND status = 'ok' AND ${column} IS NOT NULL`;
  return `(SELECT ${column} ${values} ORDER BY ${column} LIMIT 1
    OFFSET (SELECT max(0, (count(*) * ${percent} + 99) / 100 - 1) ${values}))`;
}

/** One row of times of the requests that were answered. */
export const LATENCY_SQL = `
  SELECT ${percentileSql("latency_ms", 50)} AS latencyP50Ms,
    ${percentileSql("latency_ms", 95)} AS latencyP95Ms,
    ${percentileSql("ttft_ms", 50)} AS ttftP50Ms`;

/** By what an attempt says: every attempt counts for its own model and provider. */
function attemptGroupsSql(key: string): string {
  return `
  SELECT a.${key} AS key, count(DISTINCT r.id) AS requests, sum(a.outcome = 'ok') AS ok,
    sum(a.input_tokens) AS inputTokens, sum(a.output_tokens) AS outputTokens,
    sum(a.cached_tokens) AS cachedTokens, sum(a.cost_usd) AS costUsd,
    sum(${IS_UNPRICED}) AS unpricedAttempts
  ${RECENT_ATTEMPTS}
  GROUP BY 1 ORDER BY total(a.cost_usd) DESC, requests DESC, key`;
}

/** By what a request says. */
function requestGroupsSql(key: string, order: string): string {
  return `
  SELECT ${key} AS key, count(*) AS requests, sum(r.status = 'ok') AS ok,
    sum(r.input_tokens) AS inputTokens, sum(r.output_tokens) AS outputTokens,
    sum(r.cached_tokens) AS cachedTokens,
    sum((SELECT sum(a.cost_usd) FROM attempts a WHERE a.request_id = r.id)) AS costUsd,
    sum((SELECT sum(${IS_UNPRICED}) FROM attempts a WHERE a.request_id = r.id)) AS unpricedAttempts
  FROM requests r WHERE r.ts >= :sinceMs
  GROUP BY 1 ORDER BY ${order}`;
}

/** THE TABLE of groupings. */
export const GROUPS_SQL: Readonly<Record<Dimension, string>> = {
  model: attemptGroupsSql("alias"),
  rule: requestGroupsSql("r.route_rule", "costUsd DESC, requests DESC, key"),
  provider: attemptGroupsSql("provider"),
  day: requestGroupsSql("date(r.ts / 1000, 'unixepoch', 'localtime')", "key"),
};

/** The models that were used without a known price. */
export const UNPRICED_SQL = `
  SELECT a.alias AS alias, count(*) AS attempts ${RECENT_ATTEMPTS} AND ${IS_UNPRICED}
  GROUP BY 1 ORDER BY 2 DESC, 1`;
