/** A scriptable upstream over raw TCP: a test decides every byte, and sees when its client leaves. */

import { createServer, type Server, type Socket } from "node:net";
import { nextTick } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { isJsonObject, type JsonObject, stringAt } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { findAnthropicFaults } from "./anthropic_validator.ts";
import { within } from "./deadline.ts";
import { checkOllamaRequest } from "./ollama_validator.ts";
import { findProblem } from "./openai_validator.ts";
import { type RecordedRequest, UpstreamConnection } from "./upstream_connection.ts";
import { Exchange } from "./upstream_exchange.ts";

export { encodeChunk, Exchange, type HeaderList } from "./upstream_exchange.ts";

/** Answers an exchange; `position` counts the requests of the upstream from 0. */
export type Script = (exchange: Exchange, position: number) => Promise<void>;

/** What a vendor refuses about a body; a vendor of its own has one of its own. */
export type Validator = (body: JsonObject) => readonly string[];

/** A listening upstream. Disposing it fails the test when a request broke the dialect's rules. */
export class Upstream implements AsyncDisposable {
  readonly kind: ProviderKind;
  /** Every request so far. */
  readonly exchanges: Exchange[] = [];
  /** What the vendor would have refused. */
  readonly violations: string[] = [];
  /** The models that an Ollama server says it has loaded; any test may change them. */
  readonly loadedModels: string[] = [];
  /** How often it was asked for them. */
  loadedCount = 0;
  /** What an Ollama server says that it is; null: it does not say. */
  version: string | null = null;
  /** Milliseconds that it takes to say that. */
  versionDelayMs = 0;
  /** How often it was asked for that. */
  versionCount = 0;
  /** The models that an Ollama server says it has, with what it shows of each; any test may change them. */
  readonly shownModels = new Map<string, JsonObject>();
  /** The questions about them so far: the name of each model that was shown, "" for the list. */
  readonly shownNames: string[] = [];
  readonly #server: Server;
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  /** Rejects when it can't listen. */
  readonly #failure = Promise.withResolvers<never>();
  readonly #script: Script | null;
  readonly #findFaults: Validator;
  readonly #connections: Set<UpstreamConnection> = new Set();
  readonly #running: Promise<void>[] = [];
  readonly #port: number;
  #taken = 0;
  #arrival = Promise.withResolvers<void>();

  /** Listens; without a script the test takes each exchange by `next()`. */
  constructor(
    kind: ProviderKind,
    script: Script | null = null,
    findFaults: Validator = VALIDATORS[kind],
  ) {
    this.kind = kind;
    this.#script = script;
    this.#findFaults = findFaults;
    this.#server = createServer((socket) => void this.#running.push(this.#serve(socket)));
    this.#server.on("close", () => this.#closed.resolve());
    this.#server.on("error", (error) => {
      const cause = `the ${kind} upstream can't listen on port ${this.#port}: ${error.message}`;
      this.#failure.reject(new Error(cause));
      this.#closed.resolve();
    });
    this.#failure.promise.catch(() => "told by who waits for it, or when it is disposed");
    const holder = holdPort();
    this.#port = holder.addr.port;
    // `node:net` takes the port in the tick after this one: others have but a moment to do so.
    nextTick(() => holder.close());
    this.#server.listen(this.#port, "127.0.0.1", () => this.#ready.resolve());
  }

  /** `http://127.0.0.1:<port>`. */
  get baseUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resolves when it listens, which takes less time than the start of a daemon. */
  get ready(): Promise<void> {
    return Promise.race([this.#ready.promise, this.#failure.promise]);
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** The next request that no `next()` has taken. */
  async next(): Promise<Exchange> {
    while (this.exchanges.length <= this.#taken) {
      const arrival = Promise.race([this.#arrival.promise, this.#failure.promise]);
      await within(arrival, "the next request at the upstream");
    }
    const exchange = this.exchanges[this.#taken++];
    if (exchange === undefined) throw new Error("the exchange is gone");
    return exchange;
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const connection of this.#connections) connection.close();
    await Promise.all([this.#closed.promise, ...this.#running]);
    await Promise.race([this.#failure.promise, null]); // throws what kept it from listening
    if (this.violations.length > 0) {
      throw new Error(`the ${this.kind} upstream refuses: ${this.violations.join("; ")}`);
    }
  }

  async #serve(socket: Socket): Promise<void> {
    const connection = new UpstreamConnection(socket);
    this.#connections.add(connection);
    for (;;) {
      const request = await connection.readRequest();
      if (request === null) break;
      const told = this.kind === "ollama" ? await this.#tellModels(request) : null;
      if (told !== null) {
        await writeJson(connection, told);
        continue;
      }
      this.violations.push(...findViolations(this.kind, request, this.#findFaults));
      const exchange = new Exchange(this.kind, request, connection);
      const position = this.exchanges.push(exchange) - 1;
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers<void>();
      if (this.#script !== null) await this.#script(exchange, position);
      await exchange.over;
    }
    await connection.ended;
    this.#connections.delete(connection);
  }

  /**
   * What an Ollama server says of its models (https://docs.ollama.com/api/ps, `tags`, `show`, `version`), which
   * is no exchange of the test; null for other requests.
   */
  async #tellModels({ method, path, body }: RecordedRequest): Promise<JsonObject | null> {
    switch (`${method} ${path}`) {
      case "GET /api/ps":
        this.loadedCount++;
        return { "models": this.loadedModels.map((name) => ({ name, "model": name })) };
      case "GET /api/version":
        this.versionCount++;
        await delay(this.versionDelayMs);
        return this.version === null ? { "error": "not found" } : { "version": this.version };
      case "GET /api/tags":
        this.shownNames.push("");
        return {
          "models": [...this.shownModels].map(([name, shown]) => (
            { name, "model": name, "digest": JSON.stringify(shown) }
          )),
        };
      case "POST /api/show": {
        const name = stringAt(body, "model") ?? "";
        this.shownNames.push(name);
        return this.shownModels.get(name) ?? { "error": `model '${name}' not found` };
      }
      default:
        return null;
    }
  }
}

/** Sends a whole reply; one that holds an error has the status of a thing that is not there. */
async function writeJson(connection: UpstreamConnection, reply: JsonObject): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(reply));
  const status = reply["error"] === undefined ? "200 OK" : "404 Not Found";
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n`;
  await connection.write(`${head}content-length: ${body.length}\r\n\r\n`);
  await connection.write(body);
}

/**
 * Ports below those that systems give to outgoing connections: `node:net` tells a port of the
 * system's choice too late for the constructor.
 */
const PORTS = { first: 12_000, count: 18_000 } as const;

/** A listener on a port that nobody else has, to be held until it is used. */
function holdPort(): Deno.TcpListener {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    try {
      return Deno.listen({ hostname: "127.0.0.1", port });
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

const PATHS: Readonly<Record<ProviderKind, string>> = {
  openai: "/v1/chat/completions",
  anthropic: "/v1/messages",
  ollama: "/api/chat",
};

const VALIDATORS: Readonly<Record<ProviderKind, Validator>> = {
  openai: (body) => [findProblem(body)].filter((problem) => problem !== null),
  anthropic: findAnthropicFaults,
  ollama: checkOllamaRequest,
};

function findViolations(
  kind: ProviderKind,
  request: RecordedRequest,
  findFaults: Validator,
): readonly string[] {
  const { method, path, body, headers } = request;
  return [
    ...(method === "POST" && path === PATHS[kind] ? [] : [`${method} ${path}`]),
    ...(headers.get("content-type") === "application/json" ? [] : ["no content-type"]),
    ...(isJsonObject(body) ? findFaults(body) : ["the body is no object"]),
    ...(kind !== "anthropic" || headers.has("anthropic-version") ? [] : ["no anthropic-version"]),
  ];
}
