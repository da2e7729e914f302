/** `pirouter route`: where a request would go, and why. Nothing is sent. */

import type { Command, OptionValues } from "commander";
import type { ChatRequest } from "../core/chat.ts";
import { failed, type Parsed } from "../core/issue.ts";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";
import { loadForCommand } from "./loaded_config.ts";

/** The command. */
export const ROUTE_COMMAND: CliCommand = {
  name: "route",
  summary: "explain where a request would go, without sending it",
  configure(command: Command): void {
    command
      .option("--prompt <text>", "the newest user message")
      .option("--model <name>", "the request's model (default: auto)")
      .option("--system <text>", "the system prompt")
      .option("--tools", "the request defines a tool")
      .option("--image", "the request holds an image")
      .option("--max-tokens <number>", "the request's output limit")
      .option("--header <name=value>", "a request header; may be repeated", collect)
      .option("--request <file>", "a whole request as JSON; - reads it from stdin")
      .option("--batch <file>", "many requests, one JSON object a line; - reads them from stdin")
      .option("--json", "print JSON");
  },
  run,
};

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

async function run(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const misuse = findMisuse(options);
  if (misuse !== null) {
    context.err(misuse + "\n");
    return 2;
  }
  if (options["batch"] !== undefined) return await runBatch(options, context);
  const request = await readRequest(options);
  if (!request.ok) {
    for (const issue of request.issues) context.err(`${issue.path} ${issue.message}\n`);
    return 2;
  }
  const headers = readHeaders(options["header"]);
  if (headers === null) {
    context.err(HEADER_ADVICE);
    return 2;
  }
  const loaded = await loadForCommand(context);
  if (loaded === null) return 2;
  const [{ askServers }, { createFreshTable }, { extractFeatures }, { decideRoute }, report] =
    await Promise.all([
      import("./served_catalog.ts"),
      import("./fresh_table.ts"),
      import("../core/features.ts"),
      import("../core/route.ts"),
      import("./route_report.ts"),
    ]);
  const { catalog, notes } = await askServers(loaded.config);
  context.err(notes);
  const config = { ...loaded.config, catalog };
  const features = extractFeatures(request.value, headers);
  const decision = decideRoute(features, createFreshTable(config, features));
  const explained = { features, decision, config };
  context.out(
    options["json"] === true
      ? report.formatRouteJson(explained)
      : report.formatRoute(explained, context.hasColor),
  );
  return decision.type === "plan" ? 0 : 1;
}

async function runBatch(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const headers = readHeaders(options["header"]);
  if (headers === null) {
    context.err(HEADER_ADVICE);
    return 2;
  }
  const file = String(options["batch"]);
  const text = await readFile(file);
  if (text === null) {
    context.err(`--batch ${file} can't be read; check the path, or - for stdin\n`);
    return 2;
  }
  const loaded = await loadForCommand(context);
  if (loaded === null) return 2;
  const [{ askServers }, { routeBatch }] = await Promise.all([
    import("./served_catalog.ts"),
    import("./route_batch.ts"),
  ]);
  const { catalog, notes } = await askServers(loaded.config);
  context.err(notes);
  const config = { ...loaded.config, catalog };
  const batch = { config, headers, isJson: options["json"] === true };
  return routeBatch(text, { options: batch, context });
}

const HEADER_ADVICE = "--header takes name=value, such as --header x-pirouter-difficulty=hard\n";

/** What of the options can't be meant, or null. */
function findMisuse(options: OptionValues): string | null {
  const [source] = ["batch", "request"].filter((name) => options[name] !== undefined);
  if (options["prompt"] === undefined && source === undefined) {
    return "Say what to route: --prompt TEXT, a whole request with --request FILE, or many with " +
      "--batch FILE.";
  }
  if (source !== undefined) {
    const parts = ["request", "prompt", "model", "system", "tools", "image", "maxTokens"];
    const other = parts.find((name) => name !== source && options[name] !== undefined);
    if (other !== undefined) return `--${source} has whole requests: leave the other parts out.`;
  }
  const limit: unknown = options["maxTokens"];
  if (limit === undefined || /^[1-9]\d{0,8}$/.test(String(limit))) return null;
  return `--max-tokens must be a whole number above 0, not "${limit}"`;
}

async function readRequest(options: OptionValues): Promise<Parsed<ChatRequest>> {
  const { parseChatRequest } = await import("../core/request.ts");
  const file: unknown = options["request"];
  if (typeof file !== "string") return parseChatRequest(buildRequest(options));
  const { parseJson } = await import("../wire/json.ts");
  const text = await readFile(file);
  if (text === null) {
    return problem(`--request ${file}`, "can't be read; check the path, or - for stdin");
  }
  const json = parseJson(text, { maxDepth: 128 });
  if (!json.ok) return problem(`--request ${file}`, json.reason);
  const parsed = parseChatRequest(json.value);
  if (parsed.ok) return parsed;
  return failed(...parsed.issues.map((issue) => ({ ...issue, path: `${file}: ${issue.path}` })));
}

function problem(path: string, message: string): Parsed<ChatRequest> {
  return failed({ path, message });
}

async function readFile(file: string): Promise<string | null> {
  try {
    if (file === "-") return await new Response(Deno.stdin.readable).text();
    return await Deno.readTextFile(file);
  } catch {
    return null;
  }
}

/** A pixel: `route` looks at whether there is an image, not at what it shows. */
const PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";

function buildRequest(options: OptionValues): ChatRequest {
  const prompt = String(options["prompt"] ?? "");
  const image = { "type": "image_url", "image_url": { "url": PIXEL } } as const;
  const content = options["image"] === true
    ? [{ "type": "text", "text": prompt } as const, image]
    : prompt;
  const system = options["system"];
  const limit: unknown = options["maxTokens"];
  return {
    "model": String(options["model"] ?? "auto"),
    "messages": [
      ...(typeof system === "string" ? [{ "role": "system", "content": system } as const] : []),
      { "role": "user", "content": content },
    ],
    ...(limit === undefined ? {} : { "max_tokens": Number(limit) }),
    ...(options["tools"] === true ? { "tools": [EXAMPLE_TOOL] } : {}),
  };
}

const EXAMPLE_TOOL = { "type": "function", "function": { "name": "example_tool" } } as const;

function readHeaders(list: unknown): ReadonlyMap<string, string> | null {
  const headers = new Map<string, string>();
  for (const item of Array.isArray(list) ? list : []) {
    const match = /^([^=:\s]+)[=:]\s*(.*)$/.exec(String(item));
    if (match === null) return null;
    headers.set((match[1] ?? "").toLowerCase(), match[2] ?? "");
  }
  return headers;
}
