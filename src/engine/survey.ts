/** Asks one server which models it has, and what they can do. */

import type { Provider } from "../core/provider.ts";
import type { ModelListQuery, ServedModel } from "../providers/adapter.ts";
import { getJson } from "../providers/transport.ts";

/** What a server has. */
export interface Stock {
  /** The names of all its models. */
  readonly names: readonly string[];
  /** Those of them that are wanted, as it has shown them last. */
  readonly models: readonly ServedModel[];
}

/** What one round of questions has shown. */
export interface SurveyedStock extends Stock {
  /** Whether each wanted model could be shown; else it is what it was, or missing. */
  readonly isComplete: boolean;
}

/** How long a question may take, and what ends it. */
export interface SurveyLimits {
  readonly signal: AbortSignal;
  /** Milliseconds for each reply. */
  readonly limitMs: number;
}

/** The most bytes of a reply: a list of thousands of models, a model with its licence. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Models that are asked about at once. */
const MAX_PARALLEL = 4;

interface Shown {
  readonly version: string;
  readonly model: ServedModel;
}

/** The questions to one server; what it has shown of a model is kept until it shows a changed one. */
export class Survey {
  readonly provider: Provider;
  readonly query: ModelListQuery;
  readonly #client: Deno.HttpClient;
  readonly #isWanted: (name: string) => boolean;
  readonly #shown = new Map<string, Shown>();

  /** `isWanted` says of which models more than the name is asked. */
  constructor(options: {
    readonly provider: Provider;
    readonly query: ModelListQuery;
    readonly client: Deno.HttpClient;
    readonly isWanted: (name: string) => boolean;
  }) {
    this.provider = options.provider;
    this.query = options.query;
    this.#client = options.client;
    this.#isWanted = options.isWanted;
  }

  /** Asks; null when the server gives no list of its models. */
  async take(limits: SurveyLimits): Promise<SurveyedStock | null> {
    const { provider, query } = this;
    const options = { ...limits, client: this.#client, maxBytes: MAX_BYTES };
    const listed = query.readList(await getJson(query.encodeList(provider), options));
    if (listed === null) return null;
    const wanted = listed.filter(({ name }) => this.#isWanted(name));
    const isNew = ({ name, version }: typeof wanted[number]) =>
      this.#shown.get(name)?.version !== version;
    const waiting = wanted.filter(isNew);
    const askOn = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { name, version } = next;
        const body = await getJson(query.encodeShow(provider, name), options);
        if (body === null) continue;
        this.#shown.set(name, { version, model: query.readShown(body, { name, provider }) });
      }
    };
    await Promise.all(Array.from({ length: MAX_PARALLEL }, askOn));
    return {
      names: listed.map(({ name }) => name),
      models: wanted.flatMap(({ name }) => this.#shown.get(name)?.model ?? []),
      isComplete: !wanted.some(isNew),
    };
  }
}
