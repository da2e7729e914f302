/** What a decision was made from, as the ledger keeps it: numbers and names, no text of the request. */

import type { Calibration } from "./adequacy.ts";
import type { Catalog, Model } from "./catalog.ts";
import type { Circumstances } from "./circumstances.ts";
import { isDifficultyTier } from "./difficulty_tier.ts";
import { type Features, ROUTE_HEADER } from "./features.ts";
import type { Cooldown } from "./health.ts";
import {
  arrayAt,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
} from "./json.ts";
import type { RouteTable } from "./plan.ts";
import { isProfileName, type ProfileName } from "./profile.ts";
import type { ReadinessFacts } from "./readiness.ts";
import type { Rule } from "./rules.ts";
import type { BindingCause, BoundModel } from "./bound_model.ts";
import type { StrongBudget } from "./strong_budget.ts";

/** What a recorded decision was made from. */
export interface RecordedDecision {
  readonly features: Features;
  readonly circumstances: Circumstances;
  /** Who could not be used. */
  readonly unusable: ReadonlySet<string>;
  /** Tells the requests of one conversation from those of others, for as long as a daemon ran. */
  readonly conversation: string | null;
}

/** The form of the record; an unknown one is not read. */
const RECORD_VERSION = 1;

/** What stands for a header's value that names nothing which a config of then had. */
const UNKNOWN_NAME = "?";

/** Records a decision. The texts that rules read are not kept, only what the rules made of them. */
export function recordDecision(
  features: Features,
  { table, conversation }: { readonly table: RouteTable; readonly conversation: string | null },
): JsonObject {
  const { difficulty } = features;
  return {
    "v": RECORD_VERSION,
    "input_tokens": features.inputTokens,
    "output_limit": features.requestedOutputTokens,
    "formatted": features.isFormatted,
    "tools": features.hasTools,
    "images": features.hasImages,
    "difficulty": {
      "tier": difficulty.tier,
      "score": difficulty.score,
      "hinted": difficulty.isHinted,
    },
    "rounds": features.trajectory.rounds,
    "corrections": features.trajectory.corrections,
    "tests": recordTests(table.rules, features),
    "targets": recordTargets(table, features),
    "conversation": conversation,
    ...recordCircumstances(table.catalog, table),
  };
}

function recordTests(rules: readonly Rule[], features: Features): JsonObject {
  const tests = rules.flatMap(({ when }) => when.textTests ?? []);
  return Object.fromEntries(tests.map(({ text, test }) => [text, test(features)]));
}

/** The names that headers give: they are a client's own text, so only those that mean something. */
function recordTargets({ catalog, rules }: RouteTable, { headers }: Features): JsonObject {
  const names = rules.flatMap(({ primary }) => primary.type === "header" ? [primary.header] : []);
  return Object.fromEntries([ROUTE_HEADER, ...names].flatMap((name) => {
    const value = headers.get(name)?.trim() ?? "";
    if (value === "") return [];
    const isKnown = catalog.has(value) || isProfileName(value) || value === "auto";
    return [[name, isKnown ? value : UNKNOWN_NAME]];
  }));
}

function recordCircumstances(catalog: Catalog, moment: Circumstances): JsonObject {
  const models = [...catalog.values()];
  const cooling = models.flatMap((model) => {
    const cooldown = moment.cooldownOf?.(model) ?? null;
    return cooldown === null ? [] : [[model.alias, { ...cooldown }] as const];
  });
  const learned = models.flatMap((model) => {
    const calibration = moment.calibrationOf?.(model) ?? null;
    return calibration === null || calibration.offset === 0
      ? []
      : [[model.alias, { ...calibration }] as const];
  });
  return {
    ...(cooling.length === 0 ? {} : { "cooling": Object.fromEntries(cooling) }),
    ...recordReadiness(models, moment),
    ...recordUnusable(models),
    ...(learned.length === 0 ? {} : { "learned": Object.fromEntries(learned) }),
    ...(moment.budget ? { "budget": { ...moment.budget } } : {}),
    ...(moment.bound ? { "bound": { ...moment.bound } } : {}),
  };
}

/** Models of which the same is known share an entry: many local models are not loaded, and were never asked. */
function recordReadiness(models: readonly Model[], { readinessOf }: Circumstances): JsonObject {
  const groups = new Map<string, { readonly facts: ReadinessFacts; readonly aliases: string[] }>();
  for (const model of models) {
    const facts = readinessOf?.(model) ?? null;
    if (facts === null) continue;
    const key = JSON.stringify(facts);
    const group = groups.get(key) ?? { facts, aliases: [] };
    groups.set(key, group);
    group.aliases.push(model.alias);
  }
  if (groups.size === 0) return {};
  return {
    "readiness": [...groups.values()].map(({ facts, aliases }) => ({
      ...facts,
      "models": aliases,
    })),
  };
}

/** Who could not be used then, for want of a key say: that is not a matter of the configuration. */
function recordUnusable(models: readonly Model[]): JsonObject {
  const aliases = models.flatMap(({ alias, unusable }) => unusable === null ? [] : [alias]);
  return aliases.length === 0 ? {} : { "unusable": aliases };
}

/** Reads a record back; null when it is of another form, or none. */
export function readDecision(
  json: JsonValue | undefined,
  of: { readonly requestedModel: string; readonly isStreamed: boolean },
): RecordedDecision | null {
  const difficulty = objectAt(json, "difficulty");
  const tier = stringAt(difficulty, "tier") ?? "";
  if (numberAt(json, "v") !== RECORD_VERSION || !isDifficultyTier(tier)) return null;
  const score = numberAt(difficulty, "score") ?? 0;
  const isHinted = valueAt(difficulty, "hinted") === true;
  const tests = objectAt(json, "tests") ?? {};
  const features: Features = {
    ...of,
    headers: new Map(textsOf(objectAt(json, "targets"))),
    inputTokens: numberAt(json, "input_tokens") ?? 0,
    requestedOutputTokens: numberAt(json, "output_limit") ?? null,
    isFormatted: valueAt(json, "formatted") === true,
    hasTools: valueAt(json, "tools") === true,
    hasImages: valueAt(json, "images") === true,
    systemText: "",
    askText: "",
    ask: { text: "", earlier: [], isCorrection: false, isUnwrapped: false },
    housekeeping: null,
    trajectory: {
      failures: 0,
      repeats: 0,
      corrections: numberAt(json, "corrections") ?? 0,
      rounds: numberAt(json, "rounds") ?? 0,
      lift: 0,
      reasons: [],
    },
    difficulty: { tier, score, isHinted, reasons: ["as it was judged then"] },
    recorded: (test) => {
      const result = valueAt(tests, test);
      if (typeof result !== "boolean") throw new UnknownTestError(test);
      return result;
    },
  };
  const conversation = stringAt(json, "conversation") ?? null;
  const unusable = new Set(arrayAt(json, "unusable").map(String));
  return { features, circumstances: readCircumstances(json), unusable, conversation };
}

/** A condition reads what was not recorded: no config of then asked for it. */
export class UnknownTestError extends Error {
  override readonly name = "UnknownTestError";
  /** The condition's own words. */
  readonly test: string;

  /** `test` is the condition's own words. */
  constructor(test: string) {
    super(`nothing is recorded of ${test}`);
    this.test = test;
  }
}

function textsOf(source: JsonObject | undefined): readonly (readonly [string, string])[] {
  return Object.entries(source ?? {}).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, value] as const] : []
  );
}

function readCircumstances(json: JsonValue | undefined): Circumstances {
  const cooling = objectAt(json, "cooling");
  const readiness = new Map(
    arrayAt(json, "readiness").flatMap((group) => {
      const facts = readReadiness(group);
      return arrayAt(group, "models").map((alias) => [String(alias), facts] as const);
    }),
  );
  const learned = objectAt(json, "learned");
  return {
    cooldownOf: ({ alias }) => readCooldown(objectAt(cooling, alias)),
    readinessOf: ({ alias }) => readiness.get(alias) ?? null,
    calibrationOf: ({ alias }) => readCalibration(objectAt(learned, alias)),
    budget: readBudget(objectAt(json, "budget")),
    bound: readBound(objectAt(json, "bound")),
  };
}

function readCooldown(json: JsonObject | undefined): Cooldown | null {
  if (json === undefined) return null;
  return {
    remainingMs: numberAt(json, "remainingMs") ?? 0,
    isLater: valueAt(json, "isLater") === true,
    reason: stringAt(json, "reason") ?? "",
  };
}

function readReadiness(json: JsonValue): ReadinessFacts {
  const isLoaded = valueAt(json, "isLoaded");
  return {
    isLoaded: typeof isLoaded === "boolean" ? isLoaded : null,
    ahead: numberAt(json, "ahead") ?? 0,
    atOnce: numberAt(json, "atOnce") ?? 1,
    loadMs: numberAt(json, "loadMs") ?? 0,
    prefillTokensPerSec: numberAt(json, "prefillTokensPerSec") ?? null,
    isSpeedKnown: valueAt(json, "isSpeedKnown") === true,
    answerMs: numberAt(json, "answerMs") ?? 0,
  };
}

function readCalibration(json: JsonObject | undefined): Calibration | null {
  if (json === undefined) return null;
  return {
    offset: numberAt(json, "offset") ?? 0,
    count: numberAt(json, "count") ?? 0,
    state: "learned",
  };
}

function readBudget(json: JsonObject | undefined): StrongBudget | null {
  if (json === undefined) return null;
  return {
    share: numberAt(json, "share") ?? 1,
    threshold: numberAt(json, "threshold") ?? 0,
    isSpent: valueAt(json, "isSpent") === true,
  };
}

const CAUSES: ReadonlyMap<string, BindingCause> = new Map([
  ["answer", "answer"],
  ["fault", "fault"],
  ["escalation", "escalation"],
]);

function readBound(json: JsonObject | undefined): BoundModel | null {
  const cause = CAUSES.get(stringAt(json, "cause") ?? "");
  if (json === undefined || cause === undefined) return null;
  return {
    alias: stringAt(json, "alias") ?? "",
    cause,
    cachedTokens: numberAt(json, "cachedTokens") ?? 0,
    primary: stringAt(json, "primary") ?? null,
    profile: readProfile(stringAt(json, "profile")),
    tooSmall: arrayAt(json, "tooSmall").map(String),
    isProbeDue: valueAt(json, "isProbeDue") === true,
    cachedElsewhere: readCounts(objectAt(json, "cachedElsewhere")),
  };
}

function readProfile(name = ""): ProfileName | null {
  return isProfileName(name) ? name : null;
}

function readCounts(source: JsonObject | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(source ?? {}).flatMap(([key, value]) =>
      typeof value === "number" ? [[key, value] as const] : []
    ),
  );
}
