/** THE TABLE of coding agents that are run without a terminal, configured by the README. */

import type { Bench } from "./bench.ts";
import { adaptConfig, findBlock, findSpan, type Stand } from "./readme.ts";
import { CLIENT_KEY } from "./strict.ts";
import { baseEnvironment } from "./workshop.ts";

/** Where an agent works: its home and a folder with files, both its own. */
export interface Seat {
  readonly bench: Bench;
  readonly home: string;
  readonly workspace: string;
}

/** What an agent is asked. */
export interface Prompt {
  readonly text: string;
  /** A file of the workspace. */
  readonly image?: string;
}

/** A command line. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** On top of that of every program. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A call of one of the agent's own tools. */
export interface ToolCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A coding agent. */
export interface Agent {
  readonly name: string;
  /** How `--only` calls it. */
  readonly id: string;
  readonly needs: readonly string[];
  /** Its name in the README. */
  readonly readme: string;
  /** Writes its configuration as the README says. */
  prepare(seat: Seat): Promise<readonly Command[]>;
  command(seat: Seat, prompt: Prompt): Command;
  readCall(path: string): ToolCall;
  writeCall(path: string, content: string): ToolCall;
  readonly takesImages: boolean;
  /** It sends an effort of reasoning, since its configuration says that the model reasons. */
  readonly asksForReasoning: boolean;
  /** It repeats a failed request for minutes rather than end. */
  readonly repeatsForLong: boolean;
}

/** The environment of an agent. */
export function agentEnvironment(seat: Seat): Readonly<Record<string, string>> {
  return baseEnvironment(seat.home);
}

function standOf({ bench }: Seat): Stand {
  return { address: bench.address, key: CLIENT_KEY };
}

async function writeFile(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

/** Saves a client's block where the README says: the first code before it is the path. */
async function saveBlock(seat: Seat, client: string): Promise<void> {
  const { text, spans: [path = ""] } = findBlock(seat.bench.workshop.configs, client);
  const place = path.startsWith("~/")
    ? `${seat.home}/${path.slice(2)}`
    : `${seat.workspace}/${path}`;
  await writeFile(place, adaptConfig(text, standOf(seat)));
}

interface PiVersion {
  readonly name: string;
  readonly packageName: string;
  readonly script: string;
}

function definePi({ name, packageName, script }: PiVersion): Agent {
  return {
    name,
    id: "pi",
    needs: [packageName],
    readme: "Pi",
    async prepare(seat) {
      await saveBlock(seat, "Pi");
      const settings = JSON.stringify({ retry: { baseDelayMs: 20 } }); // the same retries, sooner
      await writeFile(`${seat.home}/.pi/agent/settings.json`, settings);
      return [];
    },
    command({ bench }, { text, image }) {
      const { folder, node, configs } = bench.workshop;
      const [, ...words] = findSpan(configs, "Pi", "pi ").split(" ");
      return {
        command: node,
        args: [
          `${folder}/node_modules/${packageName}/${script}`,
          ...words,
          "-p",
          ...(image === undefined ? [] : [`@${image}`]),
          text,
        ],
        env: {
          "PI_OFFLINE": "1",
          "PI_TELEMETRY": "0",
          "PI_SKIP_VERSION_CHECK": "1",
        },
      };
    },
    readCall: (path) => ({ tool: "read", args: { path } }),
    writeCall: (path, content) => ({ tool: "write", args: { path, content } }),
    takesImages: true,
    asksForReasoning: true,
    repeatsForLong: false,
  };
}

const CONTINUE: Agent = {
  name: "Continue cn 1.5",
  id: "cn",
  needs: ["@continuedev/cli"],
  readme: "Continue",
  async prepare(seat) {
    await saveBlock(seat, "Continue");
    return [];
  },
  command({ bench }, { text }) {
    const { folder, node } = bench.workshop;
    return {
      command: node,
      args: [`${folder}/node_modules/@continuedev/cli/dist/cn.js`, "--auto", "-p", text],
      env: {
        "CONTINUE_TELEMETRY_ENABLED": "0",
        "CONTINUE_CLI_ENABLE_TELEMETRY": "0",
      },
    };
  },
  readCall: (filepath) => ({ tool: "Read", args: { filepath } }),
  writeCall: (filepath, content) => ({
    tool: "Write",
    args: { filepath, content },
  }),
  takesImages: false,
  asksForReasoning: false,
  repeatsForLong: true,
};

const OPENCODE: Agent = {
  name: "opencode 1.18",
  id: "opencode",
  needs: ["opencode-ai"],
  readme: "opencode",
  async prepare(seat) {
    await saveBlock(seat, "opencode");
    return [];
  },
  command({ bench }, { text, image }) {
    const { folder } = bench.workshop;
    const { os, arch } = Deno.build;
    const platform = `${os}-${arch === "aarch64" ? "arm64" : "x64-baseline"}`;
    return {
      command: `${folder}/node_modules/opencode-${platform}/bin/opencode`,
      args: ["run", text, ...(image === undefined ? [] : ["-f", image])],
      env: {
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
        "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
        "OPENCODE_DISABLE_SHARE": "1",
      },
    };
  },
  readCall: (filePath) => ({ tool: "read", args: { filePath } }),
  writeCall: (filePath, content) => ({
    tool: "write",
    args: { filePath, content },
  }),
  takesImages: true,
  asksForReasoning: false,
  repeatsForLong: true,
};

const CLINE: Agent = {
  name: "Cline CLI 3.0",
  id: "cline",
  needs: ["cline"],
  readme: "Cline",
  prepare(seat) {
    const { configs } = seat.bench.workshop;
    const line = adaptConfig(findSpan(configs, "Cline", "cline auth"), standOf(seat));
    return Promise.resolve([startCline(seat, line.split(" ").slice(1))]);
  },
  command: (seat, { text }) => startCline(seat, [text]),
  readCall: (path) => ({ tool: "read_files", args: { files: [{ path }] } }),
  writeCall: (path, content) => ({
    tool: "editor",
    args: { path, "new_text": content },
  }),
  takesImages: false,
  asksForReasoning: false,
  repeatsForLong: false,
};

function startCline({ bench }: Seat, args: readonly string[]): Command {
  const { folder, node } = bench.workshop;
  return {
    command: node,
    args: [`${folder}/node_modules/cline/bin/cline`, ...args],
    env: {
      "CLINE_NO_AUTO_UPDATE": "1",
      // Its hub would outlive it, out of the group, and be shared with other runs.
      "CLINE_SESSION_BACKEND_MODE": "local",
      // What it can't reach it asks for again and again, for ten seconds a start.
      "HTTPS_PROXY": "",
    },
  };
}

/** All agents. */
export const AGENTS: readonly Agent[] = [
  OPENCODE,
  CLINE,
  CONTINUE,
  definePi({
    name: "Pi 0.87",
    packageName: "@earendil-works/pi-coding-agent",
    script: "dist/bundle/cli.js",
  }),
  definePi({
    name: "Pi 0.73",
    packageName: "@mariozechner/pi-coding-agent",
    script: "dist/cli.js",
  }),
];
