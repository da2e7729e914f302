/** The configurations of clients that the README gives: what users copy is what the suite runs. */

/** A fenced block below the name of a client. */
export interface ConfigBlock {
  readonly language: string;
  readonly text: string;
  /** The code in the sentence before it: where to save it, what to run. */
  readonly spans: readonly string[];
}

/** What the README says about its clients. */
export interface ClientConfigs {
  /** The base URL that it names first. */
  readonly baseUrl: string;
  /** By client: the code in its row of the table. */
  readonly spans: ReadonlyMap<string, readonly string[]>;
  /** By client: its block. */
  readonly blocks: ReadonlyMap<string, ConfigBlock>;
}

/** What stands in for the README's own values. */
export interface Stand {
  /** The daemon's address, such as `http://127.0.0.1:49152`. */
  readonly address: string;
  readonly key: string;
}

const README_ORIGIN = "http://127.0.0.1:11435";
const README_KEY = /(api_?key"?[:=] ?"?|-k )local\b/gi;

/** Reads the section "Clients". */
export function readClientConfigs(readme: string): ClientConfigs {
  const section = /^## Clients\n([^]*?)^## /m.exec(readme)?.[1] ?? "";
  const rows = [...section.matchAll(/^\| *([^|\n]+?) *\| *(.*?) *\|$/gm)].slice(2);
  const details = section.matchAll(
    /<details><summary>([^<]+)<\/summary>\n([^`]*(?:`[^`\n]+`[^`]*)*)^```(\w+)\n([^]*?)^```$/gm,
  );
  return {
    baseUrl: /base URL is `([^`]+)`/.exec(section)?.[1] ?? "",
    spans: new Map(rows.map(([, name = "", cell = ""]) => [name, spansOf(cell)])),
    blocks: new Map(
      [...details].map((
        [, name = "", prose = "", language = "", text = ""],
      ) => [name, { language, text, spans: spansOf(prose) }]),
    ),
  };
}

function spansOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
}

/** The code of a client's row that begins with a text; it throws when the README has none. */
export function findSpan(configs: ClientConfigs, client: string, start: string): string {
  const spans = [...configs.spans.get(client) ?? [], ...configs.blocks.get(client)?.spans ?? []];
  const span = spans.find((text) => text.startsWith(start));
  if (span === undefined) {
    throw new Error(`The README has no \`${start}…\` for ${client}.`);
  }
  return span;
}

/** A client's block; it throws when the README has none. */
export function findBlock(configs: ClientConfigs, client: string): ConfigBlock {
  const block = configs.blocks.get(client);
  if (block === undefined) {
    throw new Error(`The README has no block for ${client}.`);
  }
  return block;
}

/** The same configuration for another address and key; it throws when it does not name the README's. */
export function adaptConfig(text: string, { address, key }: Stand): string {
  if (!text.includes(`${README_ORIGIN}/v1`)) {
    throw new Error(`This configuration does not name ${README_ORIGIN}/v1: ${text}`);
  }
  if (text.search(README_KEY) === -1) {
    throw new Error(`This configuration has no key: ${text}`);
  }
  return text.replaceAll(README_ORIGIN, address).replaceAll(README_KEY, `$1${key}`);
}
