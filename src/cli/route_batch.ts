/** `pirouter route --batch`: one decision a line for one request a line. */

import type { Config } from "../config/config.ts";
import { extractFeatures } from "../core/features.ts";
import { isJsonObject, type JsonObject, type JsonValue, valueAt } from "../core/json.ts";
import { AUTO_MODEL, decideRoute } from "../core/route.ts";
import { parseChatRequest } from "../core/request.ts";
import { parseJson } from "../wire/json.ts";
import type { CliContext, ExitCode } from "./command.ts";
import { createFreshTable } from "./fresh_table.ts";
import { describeRouteJson, type ExplainedRoute } from "./route_report.ts";
import { formatTable } from "./table.ts";

/** What a batch is decided with. */
export interface BatchOptions {
  readonly config: Config;
  /** Headers that every request is taken to have. */
  readonly headers: ReadonlyMap<string, string>;
  readonly isJson: boolean;
}

/** One line of the file: a decision, or why there is none. */
type BatchLine =
  | {
    readonly type: "decided";
    readonly line: number;
    readonly id: JsonValue | undefined;
    readonly route: ExplainedRoute;
  }
  | {
    readonly type: "wrong";
    readonly line: number;
    readonly id?: JsonValue | undefined;
    readonly problems: readonly string[];
  };

/** Decides every line of the text; 1 when a line is no request. A refusal is a decision as well. */
export function routeBatch(
  text: string,
  { options, context }: { readonly options: BatchOptions; readonly context: CliContext },
): ExitCode {
  const lines = text.replace(/^\uFEFF/, "").split("\n").flatMap((source, index) =>
    source.trim() === "" ? [] : [decideLine(source, { ...options, line: index + 1 })]
  );
  if (options.isJson) {
    for (const line of lines) context.out(JSON.stringify(describeJson(line)) + "\n");
  } else context.out(formatLines(lines, context.hasColor));
  return lines.some(({ type }) => type === "wrong") ? 1 : 0;
}

function decideLine(
  source: string,
  { config, headers, line }: BatchOptions & { readonly line: number },
): BatchLine {
  const json = parseJson(source, { maxDepth: 128 });
  if (!json.ok) return { type: "wrong", line, problems: [json.reason] };
  const parsed = parseChatRequest(completeRequest(json.value));
  if (!parsed.ok) {
    return {
      type: "wrong",
      line,
      id: valueAt(json.value, "id"),
      problems: parsed.issues.map(({ path, message }) => `${path} ${message}`.trim()),
    };
  }
  const features = extractFeatures(parsed.value, headers);
  const route = {
    features,
    decision: decideRoute(features, createFreshTable(config, features)),
    config,
  };
  return { type: "decided", line, id: valueAt(json.value, "id"), route };
}

/** `{"prompt": "…"}` stands for a request with one user message; `model` may be left out. */
function completeRequest(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const { prompt, model = AUTO_MODEL, ...rest } = value;
  if (typeof prompt !== "string" || rest["messages"] !== undefined) {
    return { "model": model, ...value };
  }
  return { ...rest, "model": model, "messages": [{ "role": "user", "content": prompt }] };
}

function describeJson(line: BatchLine): JsonObject {
  const { id } = line;
  const named = { "line": line.line, ...(id === undefined ? {} : { "id": id }) };
  if (line.type === "wrong") return { ...named, "error": line.problems.join("; ") };
  return { ...named, ...describeRouteJson(line.route) };
}

function formatLines(lines: readonly BatchLine[], hasColor: boolean): string {
  const rows = lines.map((line) => {
    if (line.type === "wrong") return [String(line.line), "", "", "", line.problems.join("; ")];
    const { features: { difficulty }, decision } = line.route;
    const [model, rule] = decision.type === "plan"
      ? [decision.plan.candidates[0]?.model.alias ?? "", decision.plan.ruleName]
      : ["", `no route: ${decision.refusal.type}`];
    return [String(line.line), difficulty.tier, difficulty.score.toFixed(3), model, rule];
  });
  const header = ["line", "difficulty", "score", "model", "rule"];
  return formatTable(rows, { header, alignRight: [0, 2], hasColor });
}
