/**
 * The shape of the config file: the tables, their keys, types, ranges and defaults. Pure.
 *
 * No key is required here: whoever needs one tells that it is missing, with the next step, and the
 * other keys of its table are checked all the same.
 */

import * as v from "valibot";
import { MODEL_TYPES, QUALITIES } from "../core/catalog.ts";
import { PROFILE_NAMES } from "../core/profile.ts";
import { OPENAI_VENDORS, PROVIDER_KINDS, type ProviderKind } from "../core/provider.ts";
import { LOG_LEVELS } from "./config.ts";

/** The names of the dialects. */
export const PROVIDER_KIND_NAMES: readonly ProviderKind[] = ["openai", "anthropic", "ollama"];

const TABLE_MESSAGE = "must be a table";
const ONE_DAY_SECS = 86_400;
const MAX_TOKENS = 100_000_000;

const text = v.pipe(
  v.string("must be a string"),
  v.check((value) => value !== "", "must not be empty"),
);
const flag = v.boolean("must be true or false");
const seconds = numberWhere(
  (value) => value > 0 && value <= ONE_DAY_SECS,
  `must be a number of seconds above 0, at most ${ONE_DAY_SECS}`,
);
const secondsFromZero = numberWhere(
  (value) => value >= 0 && value <= ONE_DAY_SECS,
  `must be a number of seconds from 0 to ${ONE_DAY_SECS}`,
);
const tokens = integerFrom(1, MAX_TOKENS);
const usdPerMTok = numberWhere(
  (value) => value >= 0 && value <= 100_000,
  "must be a number of US dollars per million tokens, 0 or more",
);

const KEEP_ALIVE_MESSAGE = 'must be a duration such as "30m" or "1h30m", or a number of seconds ' +
  "(-1: for ever)";
// Go's words for a duration: https://pkg.go.dev/time#ParseDuration
const keepAlive = v.pipe(
  v.union([v.string(), v.number()], KEEP_ALIVE_MESSAGE),
  v.check(
    (value) =>
      typeof value === "number"
        ? Number.isInteger(value)
        : /^-?(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(value),
    KEEP_ALIVE_MESSAGE,
  ),
);

/** `[server]`. */
export const SERVER_TABLE = v.strictObject({
  "bind": v.optional(text, "127.0.0.1:11435"),
  "log_level": v.optional(oneOf(LOG_LEVELS), "info"),
  "max_body_mb": v.optional(
    numberWhere((value) => value > 0 && value <= 4_096, "must be a number above 0, at most 4096"),
    64,
  ),
  "body_timeout_secs": v.optional(seconds, 30),
  "keep_alive_secs": v.optional(seconds, 15),
  "drain_timeout_secs": v.optional(secondsFromZero, 30),
  "allowed_origins": v.optional(listOf(text), []),
  "allowed_hosts": v.optional(listOf(text), []),
}, TABLE_MESSAGE);

/** `[ledger]`. */
export const LEDGER_TABLE = v.strictObject({
  "path": v.optional(text),
  "retention_days": v.optional(integerFrom(1, 36_500)),
}, TABLE_MESSAGE);

/** `[providers.<id>.compat]`. */
export const COMPAT_TABLE = v.strictObject({
  "vendor": v.optional(oneOf(OPENAI_VENDORS)),
  "stop": v.optional(flag),
  "call_ids": v.optional(oneOf(["any", "short", "nine"])),
  "prefix": v.optional(flag),
  "refused_fields": v.optional(listOf(text)),
  "max_tokens_field": v.optional(oneOf(["max_tokens", "max_completion_tokens"])),
  "developer_role": v.optional(flag),
  "stream_usage": v.optional(flag),
  "reasoning_history": v.optional(flag),
  "strict": v.optional(flag),
  "cache_control": v.optional(flag),
  "json_schema": v.optional(flag),
  "fixed_sampling": v.optional(flag),
  "thinking": v.optional(oneOf(["none", "budget", "adaptive"])),
  "sampling": v.optional(oneOf(["both", "one", "none"])),
  "prefill": v.optional(flag),
  "structured_output": v.optional(flag),
}, TABLE_MESSAGE);

/** `[providers.<id>]`; `compat` is a table of its own. */
export const PROVIDER_TABLE = v.strictObject({
  "kind": v.optional(oneOf(PROVIDER_KIND_NAMES)),
  "base_url": v.optional(text),
  "api_key_env": v.optional(text),
  "api_key": v.optional(text),
  "connect_timeout_secs": v.optional(seconds, 10),
  "request_timeout_secs": v.optional(seconds, 600),
  "first_token_timeout_secs": v.optional(seconds),
  "idle_timeout_secs": v.optional(seconds, 120),
  "max_concurrency": v.optional(integerFrom(1, 100_000)),
  "prompt_cache": v.optional(flag),
  "keep_alive": v.optional(keepAlive),
  "discover": v.optional(flag),
  "compat": v.optional(v.unknown()),
}, TABLE_MESSAGE);

/** `[models.<alias>]`. */
export const MODEL_TABLE = v.strictObject({
  "provider": v.optional(text),
  "model_id": v.optional(text),
  "type": v.optional(oneOf(MODEL_TYPES), "chat"),
  "input_per_m": v.optional(usdPerMTok),
  "output_per_m": v.optional(usdPerMTok),
  "cache_read_per_m": v.optional(usdPerMTok),
  "cache_write_per_m": v.optional(usdPerMTok),
  "quality": v.optional(oneOf(QUALITIES), "standard"),
  "context_window": v.optional(tokens),
  "max_output_tokens": v.optional(tokens),
  "supports_tools": v.optional(flag, false),
  "supports_vision": v.optional(flag, false),
  "local": v.optional(flag, false),
  "enabled": v.optional(flag, true),
}, TABLE_MESSAGE);

/** `[routing]`. */
export const ROUTING_TABLE = v.strictObject({
  "profile": v.optional(oneOf(PROFILE_NAMES), "balanced"),
  "auto_cascade": v.optional(flag, true),
  "max_policy_fallbacks": v.optional(integerFrom(0, 100), 3),
  "unknown_model": v.optional(oneOf(["auto", "reject"]), "auto"),
  "strong_share": v.optional(numberWhere(
    (value) => value >= 0 && value <= 1,
    "must be a share of requests from 0 (none) to 1 (all)",
  )),
}, TABLE_MESSAGE);

/** A rule's `then`. */
export const THEN_TABLE = v.strictObject({
  "primary": v.optional(text),
  "cascade": v.optional(listOf(text), []),
}, TABLE_MESSAGE);

/** One `[[rules]]`; `when` has its own parser, the table of predicates, and `then` is a table. */
export const RULE_TABLE = v.strictObject({
  "name": v.optional(text),
  "when": v.optional(v.unknown()),
  "then": v.optional(v.unknown()),
}, TABLE_MESSAGE);

/** `[cascade]`. */
export const CASCADE_TABLE = v.strictObject({
  "on_http_error": v.optional(flag, true),
  "on_short_response": v.optional(flag, false),
  "min_output_tokens": v.optional(integerFrom(1, 100_000), 8),
  "on_marker": v.optional(v.string("must be a string"), ""),
  "stream_hold": v.optional(oneOf(["auto", "full"]), "auto"),
  "reasoning": v.optional(oneOf(["live", "hold"]), "live"),
  "max_wait_secs": v.optional(secondsFromZero, 10),
}, TABLE_MESSAGE);

/** The sections of the file: name -> the schema of the table, of each entry, or of each item. */
export const SECTIONS = {
  "server": SERVER_TABLE,
  "ledger": LEDGER_TABLE,
  "providers": PROVIDER_TABLE,
  "models": MODEL_TABLE,
  "routing": ROUTING_TABLE,
  "rules": RULE_TABLE,
  "cascade": CASCADE_TABLE,
} as const;

/** `[server]` as written, with defaults. */
export type ServerTable = v.InferOutput<typeof SERVER_TABLE>;
/** `[ledger]` as written. */
export type LedgerTable = v.InferOutput<typeof LEDGER_TABLE>;
/** `[providers.<id>.compat]` as written. */
export type CompatTable = v.InferOutput<typeof COMPAT_TABLE>;
/** `[providers.<id>]` as written, with defaults. */
export type ProviderTable = v.InferOutput<typeof PROVIDER_TABLE>;
/** `[models.<alias>]` as written, with defaults. */
export type ModelTable = v.InferOutput<typeof MODEL_TABLE>;
/** `[routing]` as written, with defaults. */
export type RoutingTable = v.InferOutput<typeof ROUTING_TABLE>;
/** A rule's `then` as written. */
export type ThenTable = v.InferOutput<typeof THEN_TABLE>;
/** One `[[rules]]` as written. */
export type RuleTable = v.InferOutput<typeof RULE_TABLE>;
/** `[cascade]` as written, with defaults. */
export type CascadeTable = v.InferOutput<typeof CASCADE_TABLE>;

/** Whether the name is that of a dialect. */
export function isProviderKind(name: string): name is ProviderKind {
  return Object.hasOwn(PROVIDER_KINDS, name);
}

/** Names for a message: `"a", "b" or "c"`. */
export function listNames(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
}

function oneOf<const T extends string>(
  names: readonly T[],
): v.PicklistSchema<readonly T[], string> {
  return v.picklist(names, `must be ${listNames(names)}`);
}

type CheckedNumber = v.SchemaWithPipe<
  readonly [v.NumberSchema<string>, v.CheckAction<number, string>]
>;

function numberWhere(isValid: (value: number) => boolean, message: string): CheckedNumber {
  return v.pipe(v.number(message), v.check(isValid, message));
}

function integerFrom(min: number, max: number): CheckedNumber {
  return numberWhere(
    (value) => Number.isSafeInteger(value) && value >= min && value <= max,
    `must be a whole number from ${min} to ${max}`,
  );
}

// TOML has no null: it stands for an item whose fault is told.
function listOf<T extends v.GenericSchema>(
  item: T,
): v.ArraySchema<v.NullableSchema<T, undefined>, string> {
  return v.array(v.nullable(item), "must be an array of strings");
}
