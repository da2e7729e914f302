/** The column `explanation` read back. */

import type { ExplainedCandidate, ExplainedModel, Explanation } from "../core/explain.ts";
import { arrayAt, type JsonValue, numberAt, objectAt, stringAt } from "../core/json.ts";
import { readJson } from "../wire/json.ts";

/** The explanation of a row; null when it has none, or none that can be read. */
export function parseExplanation(text: string | null): Explanation | null {
  const json = text === null ? undefined : readJson(text);
  if (objectAt({ json }, "json") === undefined) return null;
  return {
    reasons: arrayAt(json, "reasons").filter((reason) => typeof reason === "string"),
    candidates: arrayAt(json, "candidates").map(readCandidate),
    rejected: arrayAt(json, "rejected").map(readModel),
    otherwise: readOptionalModel(objectAt(json, "otherwise")),
  };
}

function readCandidate(value: JsonValue): ExplainedCandidate {
  return {
    "alias": stringAt(value, "alias") ?? "",
    "expected_cost_usd": numberAt(value, "expected_cost_usd") ?? null,
    "note": stringAt(value, "note") ?? null,
  };
}

function readModel(value: JsonValue): ExplainedModel {
  return { alias: stringAt(value, "alias") ?? "", reason: stringAt(value, "reason") ?? "" };
}

function readOptionalModel(value: JsonValue | undefined): ExplainedModel | null {
  return value === undefined ? null : readModel(value);
}
