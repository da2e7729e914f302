/** Keeps the catalog in step with what local servers have: models come and go, windows differ. */

import type { Config } from "../config/config.ts";
import type { Catalog } from "../core/catalog.ts";
import type { Log } from "../log.ts";
import { ADAPTERS } from "../providers/mod.ts";
import { isWantedModel, mergeStocks, needsSurvey, type ServedCatalog } from "./served_models.ts";
import type { ProviderLink } from "./snapshot.ts";
import { type Stock, Survey } from "./survey.ts";

/** How often servers are asked, in milliseconds. */
export interface DiscoveryTimes {
  /** Between two surveys. */
  readonly everyMs: number;
  /** After a survey that failed, in whole or in part. */
  readonly retryMs: number;
  /** For each reply. */
  readonly limitMs: number;
}

/** What a discovery works with. */
export interface DiscoveryOptions {
  readonly config: Pick<Config, "providers" | "catalog">;
  readonly links: ReadonlyMap<string, Pick<ProviderLink, "client">>;
  readonly log: Pick<Log, "info" | "warn">;
  /** Is given each catalog that differs from the one before. */
  readonly onCatalog: (catalog: Catalog) => void;
  readonly times?: DiscoveryTimes;
}

const TIMES: DiscoveryTimes = { everyMs: 300_000, retryMs: 15_000, limitMs: 10_000 };

/** The questions to all servers that can tell something which the config leaves open. */
function createSurveys(
  { providers, catalog: configured }: Pick<Config, "providers" | "catalog">,
  clientOf: (providerId: string) => Deno.HttpClient | undefined,
): readonly Survey[] {
  return [...providers.values()].flatMap((provider) => {
    const query = ADAPTERS[provider.kind].modelList;
    if (query === undefined || !needsSurvey(provider, configured)) return [];
    const client = clientOf(provider.id);
    if (client === undefined) return [];
    const isWanted = (name: string) => isWantedModel(name, { provider, query, configured });
    return [new Survey({ provider, query, client, isWanted })];
  });
}

/** Asks again and again until it is closed. Its timers keep no process alive. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #times: DiscoveryTimes;
  readonly #surveys: readonly Survey[];
  readonly #stocks = new Map<Survey, Stock>();
  /** Surveys whose server did not answer the last time. */
  readonly #silent = new Set<Survey>();
  readonly #timers = new Map<Survey, ReturnType<typeof setTimeout>>();
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #warned = new Set<string>();
  #served: ServedCatalog;

  /** A discovery that has asked nobody yet. */
  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#times = options.times ?? TIMES;
    this.#surveys = createSurveys(options.config, (id) => options.links.get(id)?.client);
    this.#served = mergeStocks(options.config.catalog, []);
  }

  /** Begins to ask; resolves when all have answered or failed, at the latest after `waitMs`. */
  async begin(waitMs: number): Promise<void> {
    if (this.#surveys.length === 0) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, waitMs);
    await Promise.race([
      Promise.all(this.#surveys.map((survey) => this.#run(survey))),
      late.promise,
    ]);
    clearTimeout(timer);
  }

  /** Ends all questions; resolves when none is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #run(survey: Survey): Promise<void> {
    const run = this.#ask(survey).finally(() => this.#running.delete(run));
    this.#running.add(run);
    return run;
  }

  async #ask(survey: Survey): Promise<void> {
    const { signal } = this.#closing;
    const { everyMs, retryMs, limitMs } = this.#times;
    const stock = await survey.take({ signal, limitMs });
    if (signal.aborted) return;
    if (stock === null) this.#noteSilence(survey);
    else this.#noteStock(survey, stock);
    const waitMs = stock?.isComplete === true ? everyMs : retryMs;
    const timer = setTimeout(() => void this.#run(survey), waitMs);
    Deno.unrefTimer(timer);
    this.#timers.set(survey, timer);
  }

  /** What was known of the server's models stays true until it says otherwise. */
  #noteSilence(survey: Survey): void {
    if (this.#silent.has(survey)) return;
    this.#silent.add(survey);
    this.#options.log.warn(
      `${describeSilence(survey)}; it is asked again every ${this.#times.retryMs / 1_000} s`,
    );
  }

  #noteStock(survey: Survey, stock: Stock): void {
    const { config, log, onCatalog } = this.#options;
    if (this.#silent.delete(survey)) log.info(`provider "${survey.provider.id}" answers again`);
    this.#stocks.set(survey, stock);
    const before = this.#served;
    this.#served = mergeSurveys(config.catalog, this.#stocks);
    for (const warning of this.#served.warnings) {
      if (this.#warned.has(warning)) continue;
      this.#warned.add(warning);
      log.warn(warning);
    }
    for (const change of describeChanges(survey.provider.id, { before, after: this.#served })) {
      log.info(change);
    }
    if (!isSameCatalog(before.catalog, this.#served.catalog)) onCatalog(this.#served.catalog);
  }
}

/** What one round of questions has shown. */
export interface DiscoveredOnce extends ServedCatalog {
  /** What it means that servers did not answer. */
  readonly silences: readonly string[];
}

/** Asks all servers once, each for at most `limitMs` milliseconds. */
export async function discoverOnce(
  config: Pick<Config, "providers" | "catalog">,
  limitMs: number,
): Promise<DiscoveredOnce> {
  using client = Deno.createHttpClient({});
  const signal = AbortSignal.timeout(limitMs);
  const surveys = createSurveys(config, () => client);
  const taken = await Promise.all(surveys.map(async (survey) => {
    const stock = await survey.take({ signal, limitMs });
    return [survey, stock] as const;
  }));
  const stocks = taken.flatMap(([survey, stock]) =>
    stock === null ? [] : [[survey, stock] as const]
  );
  return {
    ...mergeSurveys(config.catalog, new Map(stocks)),
    silences: taken.flatMap(([survey, stock]) => stock === null ? [describeSilence(survey)] : []),
  };
}

function mergeSurveys(
  configured: Catalog,
  stocks: ReadonlyMap<Survey, Stock>,
): ServedCatalog {
  const served = [...stocks].map(([{ provider, query }, stock]) => ({ provider, query, ...stock }));
  // By name, so that who answers first decides nothing.
  served.sort((a, b) => a.provider.id < b.provider.id ? -1 : 1);
  return mergeStocks(configured, served);
}

function describeSilence({ provider }: Survey): string {
  return `provider "${provider.id}" gives no list of its models (does it run, is base_url right?), ` +
    "so they " +
    (provider.discover ? "are unknown" : "have unknown context windows");
}

function describeChanges(
  id: string,
  { before, after }: { readonly before: ServedCatalog; readonly after: ServedCatalog },
): readonly string[] {
  const old = before.discovered.get(id) ?? [];
  const now = after.discovered.get(id) ?? [];
  const added = now.filter((alias) => !old.includes(alias));
  const gone = old.filter((alias) => !now.includes(alias));
  return [
    ...(added.length === 0 ? [] : [`discovered ${listModels(added, id)}`]),
    ...(gone.length === 0 ? [] : [`gone: ${listModels(gone, id)}`]),
  ];
}

function listModels(aliases: readonly string[], id: string): string {
  const count = aliases.length === 1 ? "1 model" : `${aliases.length} models`;
  return `${count} of ${id}: ${aliases.join(", ")}`;
}

function isSameCatalog(one: Catalog, other: Catalog): boolean {
  return JSON.stringify([...one.values()]) === JSON.stringify([...other.values()]);
}
