/** The command line as its user meets it: a process of its own. */

import { fileURLToPath } from "node:url";
import { within } from "./deadline.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** What the task `pirouter` gives the process. */
const PERMISSIONS = [
  "--no-prompt",
  "--deny-net=169.254.169.254",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
];

/** What a process left behind. */
export interface ProcessEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How to start it. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `pirouter` with an empty home for its config, so that none of the machine's is found. */
export function spawnCli(
  args: readonly string[],
  { env = {} }: ProcessOptions = {},
): Deno.ChildProcess {
  const nowhere = fileURLToPath(new URL("../no-such-folder", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", ...PERMISSIONS, MAIN, ...args],
    env: { "XDG_CONFIG_HOME": nowhere, "APPDATA": nowhere, "PIROUTER_CONFIG": "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `pirouter` to its end. */
export async function runProcess(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessEnd> {
  const { code, stdout, stderr } = await within(
    spawnCli(args, options).output(),
    "pirouter",
    10_000,
  );
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

/** `pirouter run` as a process. Disposing it ends it. */
export class DaemonProcess implements AsyncDisposable {
  /** `http://127.0.0.1:<port>/v1`. */
  readonly baseUrl: string;
  readonly #child: Deno.ChildProcess;
  readonly #err: LineReader;
  readonly #out: Promise<string>;

  private constructor(child: Deno.ChildProcess, err: LineReader, baseUrl: string) {
    this.#child = child;
    this.#err = err;
    this.baseUrl = baseUrl;
    this.#out = new Response(child.stdout).text();
  }

  /** Starts it and waits until it listens. */
  static async start(configFile: string): Promise<DaemonProcess> {
    const child = spawnCli(["--config", configFile, "run"]);
    const err = new LineReader(child.stderr);
    const line = await within(err.find(/listens on /), "the start", 10_000);
    const baseUrl = /listens on (\S+)/.exec(line)?.[1] ?? "";
    return new DaemonProcess(child, err, baseUrl);
  }

  /** Waits for a line of stderr. */
  async sees(pattern: RegExp): Promise<string> {
    return await within(this.#err.find(pattern), `${pattern} on stderr`);
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for its end. */
  async end(): Promise<ProcessEnd & { readonly signal: Deno.Signal | null }> {
    const { code, signal } = await within(this.#child.status, "the end of the daemon");
    return { code, signal, out: await this.#out, err: await this.#err.readAll() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
    await this.end();
  }
}

class LineReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";
  #position = 0;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  async find(pattern: RegExp): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n", this.#position);
      if (end >= 0) {
        const line = this.#text.slice(this.#position, end);
        this.#position = end + 1;
        if (pattern.test(line)) return line;
      } else if (!await this.#more()) throw new Error(`no ${pattern} in:\n${this.#text}`);
    }
  }

  async readAll(): Promise<string> {
    while (await this.#more());
    return this.#text;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    this.#text += value ?? "";
    return !done;
  }
}

/** Gives a test a folder of its own, with this config in it. */
export async function withConfig<T>(
  toml: string,
  use: (files: { readonly config: string; readonly folder: string }) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "pirouter-cli-" });
  try {
    const config = `${folder}/config.toml`;
    await Deno.writeTextFile(config, toml);
    return await use({ config, folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
