/** The strict upstreams of `../shared/upstreams`, which were written independently of pirouter. */

import { arrayAt, isJsonObject, type JsonObject, stringAt } from "../../src/core/json.ts";

const MOCK_URL = new URL("../../../shared/upstreams/mock.mjs", import.meta.url);

/** Whether this checkout has them beside it. */
export const HAS_STRICT_MOCK: boolean = isFile(MOCK_URL);

function isFile(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

interface Mock {
  readonly listen: () => Promise<number>;
  readonly close: () => Promise<void>;
}

interface MockModule {
  readonly createMock: () => Mock;
}

function isMockModule(value: unknown): value is MockModule {
  return typeof value === "object" && value !== null && "createMock" in value &&
    typeof value.createMock === "function";
}

/** A request that it got. */
export interface MockRecord {
  readonly path: string;
  readonly status: number;
  /** What the vendor would refuse, and what it would ignore in silence. */
  readonly objections: readonly string[];
  readonly body: JsonObject;
}

/** A running strict upstream, for all dialects. */
export class StrictMock implements AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly baseUrl: string;
  readonly #mock: Mock;
  readonly #client = Deno.createHttpClient({});

  private constructor(mock: Mock, port: number) {
    this.#mock = mock;
    this.baseUrl = `http://127.0.0.1:${port}`;
  }

  /** Starts one that tolerates no field of other vendors. */
  static async start(): Promise<StrictMock> {
    Deno.env.set("MOCK_TOLERATE", "");
    const module: unknown = await import(MOCK_URL.href);
    Deno.env.delete("MOCK_TOLERATE");
    if (!isMockModule(module)) throw new Error(`${MOCK_URL.href} exports no createMock`);
    const mock = module.createMock();
    return new StrictMock(mock, await mock.listen());
  }

  /** What it got since the last time, calls of models alone. */
  async takeRecords(): Promise<readonly MockRecord[]> {
    const records: unknown = await (await this.#ask("/__mock/requests")).json();
    await (await this.#ask("/__mock/reset")).body?.cancel();
    if (!Array.isArray(records)) throw new Error("the mock's records are no list");
    return records.filter(isJsonObject).filter((record) => record["method"] === "POST")
      .map(readRecord);
  }

  #ask(path: string): Promise<Response> {
    return fetch(this.baseUrl + path, { client: this.#client });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#mock.close();
  }
}

function readRecord(record: JsonObject): MockRecord {
  const { body = null } = record;
  return {
    path: stringAt(record, "path") ?? "",
    status: Number(record["status"]),
    objections: [...arrayAt(record, "violations"), ...arrayAt(record, "warnings")].map(String),
    body: isJsonObject(body) ? body : {},
  };
}
