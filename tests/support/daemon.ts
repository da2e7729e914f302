/** The real daemon, from the text of a config, with a ledger that can be read back. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { parseConfig } from "../../src/config/load.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { configureLog, disposeLog } from "../../src/log.ts";
import { createRedact } from "../../src/redact.ts";
import { type Daemon, startDaemon } from "../../src/server/daemon.ts";
import { within } from "./deadline.ts";
import type { Upstream } from "./upstream.ts";

/** The API key of every provider in these tests: it must never be seen anywhere but upstream. */
export const CANARY_KEY = "sk-canary-5d1e0c7b94";

/** A model of a test's config, at a provider of its own. */
export interface TestModel {
  readonly alias: string;
  readonly upstream: Pick<Upstream, "kind" | "baseUrl">;
  /** More lines of its `[models.<alias>]`, of its provider's section. */
  readonly model?: string;
  readonly provider?: string;
}

/** More lines of the sections. */
export interface ExtraLines {
  readonly server?: string;
  readonly cascade?: string;
  readonly routing?: string;
  /** Instead of the rule that asks all models in order. */
  readonly rules?: string;
}

/** A config: a rule sends everything to the models in their order. */
export function tomlFor(models: readonly TestModel[], extra: ExtraLines = {}): string {
  const [primary, ...cascade] = models.map(({ alias }) => JSON.stringify(alias));
  const rule = `[[rules]]\nname = "in-order"\nwhen = { always = true }\n` +
    `then = { primary = ${primary}, cascade = [${cascade.join(", ")}] }`;
  return [
    `[server]\nbind = "127.0.0.1:0"\n${withDefaults(extra.server ?? "", SERVER_DEFAULTS)}`,
    `[cascade]\n${extra.cascade ?? ""}`,
    `[routing]\n${extra.routing ?? ""}`,
    ...models.map(sectionsOf),
    extra.rules ?? rule,
  ].join("\n");
}

type KeyValue = readonly [string, string];

const SERVER_DEFAULTS: readonly KeyValue[] = [["drain_timeout_secs", "2"]];

const MODEL_DEFAULTS: readonly KeyValue[] = [
  ["input_per_m", "1.0"],
  ["output_per_m", "2.0"],
  ["context_window", "200000"],
  ["supports_tools", "true"],
  ["supports_vision", "true"],
];

/** The lines, and those of the defaults whose keys they do not set. */
function withDefaults(lines: string, defaults: readonly KeyValue[]): string {
  const missing = defaults.filter(([key]) => !lines.includes(key));
  return [...missing.map(([key, value]) => `${key} = ${value}`), lines].join("\n");
}

function sectionsOf({ alias, upstream, model = "", provider = "" }: TestModel): string {
  const name = JSON.stringify(alias);
  const lines = withDefaults(model, [["model_id", `"${alias}-id"`], ...MODEL_DEFAULTS]);
  return [
    `[providers.${name}]\nkind = "${upstream.kind}"\nbase_url = "${upstream.baseUrl}"`,
    `api_key = "${CANARY_KEY}"\n${provider}`,
    `[models.${name}]\nprovider = ${name}\n${lines}`,
  ].join("\n");
}

/** A row of the ledger. */
export type Row = Readonly<Record<string, unknown>>;

/** What the ledger holds, oldest first. */
export interface LedgerRows {
  readonly requests: readonly Row[];
  readonly attempts: readonly Row[];
}

/** A running daemon. Disposing it fails the test on a defect in its log, or a secret in log or ledger. */
export class TestDaemon implements AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** The lines that were logged. */
  readonly log: string[] = [];
  readonly #daemon: Daemon;
  readonly #folder: string;
  readonly #client = Deno.createHttpClient({});
  #arrival = Promise.withResolvers<void>();
  #isClosed = false;

  private constructor(daemon: Daemon, folder: string) {
    this.#daemon = daemon;
    this.#folder = folder;
    this.origin = daemon.baseUrl.replace(/\/v1$/, "");
  }

  /** Starts a daemon on this config; `prepare` may make the ledger that it finds. */
  static async start(
    toml: string,
    prepare: (ledgerPath: string) => void = () => {},
  ): Promise<TestDaemon> {
    const folder = await Deno.makeTempDir({ prefix: "pirouter-test-" });
    const options = { file: `${folder}/config.toml`, env: () => undefined, now: new Date() };
    const parsed = await parseConfig(toml, options);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const { config } = parsed;
    const ledgerPath = `${folder}/ledger.db`;
    prepare(ledgerPath);
    const result = await startDaemon({ config, ledgerPath });
    if (result.type === "error") throw new Error(result.message);
    const daemon = new TestDaemon(result.daemon, folder);
    const secrets = [...config.providers.values()].flatMap((provider) => provider.apiKey ?? []);
    const redact = createRedact(secrets);
    configureLog({ level: "debug", redact, write: (line) => daemon.#note(line) });
    return daemon;
  }

  #note(line: string): void {
    this.log.push(line);
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers<void>();
  }

  /** The ledger's file. */
  get ledgerPath(): string {
    return `${this.#folder}/ledger.db`;
  }

  /** Sends a request; the test must read or cancel its body. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.origin + path, { ...init, client: this.#client });
  }

  /** Posts a chat request. */
  chat(body: JsonObject, init: RequestInit = {}): Promise<Response> {
    return this.fetch("/v1/chat/completions", {
      ...init,
      method: "POST",
      headers: { "content-type": "application/json", ...init.headers },
      body: JSON.stringify(body),
    });
  }

  /** The ledger, once it has entries of this many requests; more are a failure. */
  async ledger(count = 1): Promise<LedgerRows> {
    await this.entries(count);
    await this.#daemon.flushLedger();
    const rows = this.readLedger();
    assert.equal(rows.requests.length, count, "rows of requests");
    return rows;
  }

  /** Resolves when this many requests are over, their entries of the ledger made. */
  async entries(count: number): Promise<void> {
    while (this.#countEntries() < count) {
      await within(this.#arrival.promise, `entry ${this.#countEntries() + 1} of the ledger`);
    }
  }

  #countEntries(): number {
    return this.log.filter((line) => line.includes(" daemon: request ")).length;
  }

  /** What the ledger's file holds now. */
  readLedger(): LedgerRows {
    const database = new DatabaseSync(this.ledgerPath, { readOnly: true });
    try {
      return {
        requests: database.prepare("SELECT * FROM requests ORDER BY rowid").all(),
        attempts: database.prepare(
          "SELECT a.* FROM attempts a JOIN requests r ON r.id = request_id ORDER BY r.rowid, seq",
        ).all(),
      };
    } finally {
      database.close();
    }
  }

  /** Every byte of the ledger's files, the write-ahead log among them, as one character each. */
  async readLedgerBytes(): Promise<string> {
    const texts: string[] = [];
    for await (const { name } of Deno.readDir(this.#folder)) {
      const bytes = await Deno.readFile(`${this.#folder}/${name}`);
      texts.push(new TextDecoder("latin1").decode(bytes));
    }
    return texts.join("");
  }

  /** Stops the daemon as SIGTERM does. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#daemon.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.close();
    disposeLog();
    const { requests, attempts } = this.readLedger();
    await Deno.remove(this.#folder, { recursive: true });
    const defects = this.log.filter((line) => line.includes("unexpectedly"));
    assert.deepEqual(defects, [], "defects in the log");
    assert.ok(!JSON.stringify([this.log, requests, attempts]).includes(CANARY_KEY), "a leaked key");
  }
}
