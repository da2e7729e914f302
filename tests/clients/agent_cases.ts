/** What every agent must be able to do through the daemon. */

import assert from "node:assert/strict";
import {
  type Agent,
  agentEnvironment,
  type Command,
  type Prompt,
  type Seat,
  type ToolCall,
} from "./agents.ts";
import { type Bench, type UpstreamRecord, waitFor } from "./bench.ts";
import { type Program, type ProgramEnd, startProgram } from "./program.ts";
import { askFor, IMAGE, IMAGE_ANSWER, OK_TEXT } from "./drivers/scenario.ts";
import type { Dialect, Result } from "./table.ts";

const PROGRAM_TIMEOUT_MS = 40_000;
const EVENT_TIMEOUT_MS = 30_000;
const CANCEL_TIMEOUT_MS = 8_000;
const SECRET = "the words in the note 7f3a";

interface AgentRun {
  readonly agent: Agent;
  readonly seat: Seat;
}

type Case = (run: AgentRun) => Promise<void>;

/** Where each dialect says how much to reason. */
const REASONING_FIELDS: Readonly<Record<Dialect, readonly string[]>> = {
  openai: ["reasoning_effort"],
  anthropic: ["thinking", "output_config"],
  ollama: ["think"],
};

const CASES: Readonly<Record<string, Case>> = {
  "simple answer": async (run) => {
    assert.ok((await answerOf(run, { text: askFor("ok") })).includes(OK_TEXT));
  },
  "tool: reads a file": async (run) => {
    const call = run.agent.readCall(`${run.seat.workspace}/note.txt`);
    assert.ok(/RESULT<<[^]*7f3a/.test(await answerOf(run, askForTool(call))));
  },
  "tool: writes a file": async (run) => {
    const path = `${run.seat.workspace}/made.txt`;
    const text = await answerOf(run, askForTool(run.agent.writeCall(path, SECRET)));
    assert.ok(text.includes("RESULT<<"), text);
    assert.equal((await Deno.readTextFile(path)).trimEnd(), SECRET);
  },
  "reasoning": async (run) => {
    const since = await lastRecord(run.seat.bench);
    assert.match(await answerOf(run, { text: askFor("reasoning") }), /The answer is 42\./);
    if (!run.agent.asksForReasoning) return;
    const [body] = (await chatRecords(run.seat.bench, since)).map((record) => record.body ?? {});
    const fields = REASONING_FIELDS[run.seat.bench.dialect];
    const sent = Object.keys(body ?? {});
    assert.ok(fields.some((field) => sent.includes(field)), `reasoning is asked for in ${sent}`);
  },
  "image": async (run) => {
    const text = await answerOf(run, {
      text: askFor("image"),
      image: "dot.png",
    });
    assert.match(text, IMAGE_ANSWER);
  },
  "interrupt ends the upstream": async (run) => {
    const { seat: { bench } } = run;
    const since = await lastRecord(bench);
    const program = startAgent(run, { text: askFor("hang-midstream") });
    const begun = await recordOf(bench, {
      since,
      isWanted: ({ scenario, chunks }) => scenario === "hang-midstream" && chunks > 0,
    });
    program.send("SIGINT");
    await waitFor(
      async () => {
        const records = await bench.records(since);
        return records.find(({ n, outcome }) => n === begun.n && outcome === "client-aborted");
      },
      {
        timeoutMs: CANCEL_TIMEOUT_MS,
        what: "the end of the upstream's request",
      },
    ).finally(() => program.send("SIGKILL"));
    await program.ended;
  },
  "broken stream is no success": async (run) => {
    const { agent, seat: { bench } } = run;
    const since = await lastRecord(bench);
    const program = startAgent(run, { text: askFor("err-midstream") });
    const ended = program.ended.then(({ code }) => `exit ${code}`);
    if (!agent.repeatsForLong) {
      assert.notEqual(await ended, "exit 0", program.output());
      return;
    }
    const repeated = recordOf(bench, {
      since,
      isWanted: ({ n }) => n > since,
      count: 2,
    })
      .then(() => "repeated");
    const seen = await Promise.race([ended, repeated]);
    program.send("SIGKILL");
    await Promise.allSettled([ended, repeated]);
    assert.notEqual(seen, "exit 0", program.output());
  },
};

/** Runs all cases of an agent, one after the other. */
export async function runAgent(agent: Agent, bench: Bench): Promise<readonly Result[]> {
  const home = `${bench.folder}/home`;
  const seat = { bench, home, workspace: `${home}/work` };
  const results: Result[] = [];
  const problem = await prepareSeat({ agent, seat }).catch(describeError);
  for (const [name, run] of Object.entries(CASES)) {
    const row = { client: agent.name, name, dialect: bench.dialect };
    if (name === "image" && !agent.takesImages) {
      const reason = "its command line takes no images";
      results.push({ ...row, outcome: "skipped", reason });
      continue;
    }
    const reason = problem ??
      await run({ agent, seat }).then(() => "", describeError);
    results.push({ ...row, outcome: reason === "" ? "ok" : "FAILED", reason });
  }
  return results;
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function prepareSeat(run: AgentRun): Promise<undefined> {
  const { agent, seat } = run;
  await Deno.mkdir(seat.workspace, { recursive: true });
  await Deno.writeTextFile(`${seat.workspace}/note.txt`, SECRET);
  await Deno.writeFile(`${seat.workspace}/dot.png`, IMAGE);
  for (const command of await agent.prepare(seat)) {
    const ended = await startCommand(seat, command).ended;
    if (ended.code !== 0) {
      throw new Error(`its configuration failed: ${describeEnd(ended)}`);
    }
  }
}

/** What the agent printed when it ended well. */
async function answerOf(run: AgentRun, prompt: Prompt): Promise<string> {
  const ended = await startAgent(run, prompt).ended;
  if (ended.code !== 0) throw new Error(describeEnd(ended));
  return ended.stdout;
}

function describeEnd({ code, isKilled, stdout, stderr }: ProgramEnd): string {
  return `${isKilled ? "it took too long" : `exit code ${code}`}: ${stdout} ${stderr}`;
}

function startAgent({ agent, seat }: AgentRun, prompt: Prompt): Program {
  return startCommand(seat, agent.command(seat, prompt));
}

function startCommand(seat: Seat, { command, args, env }: Command): Program {
  return startProgram({
    command,
    args,
    cwd: seat.workspace,
    env: { ...agentEnvironment(seat), ...env },
    timeoutMs: PROGRAM_TIMEOUT_MS,
    signal: seat.bench.workshop.signal,
  });
}

function askForTool({ tool, args }: ToolCall): Prompt {
  return { text: askFor("tool", { tool, args }) };
}

async function lastRecord(bench: Bench): Promise<number> {
  return (await bench.records(0)).at(-1)?.n ?? 0;
}

/** The agent's own turns: what has no tools is the title of a session, or the like. */
async function chatRecords(bench: Bench, since: number): Promise<readonly UpstreamRecord[]> {
  const records = await bench.records(since);
  return records.filter(({ method, body }) => method === "POST" && Array.isArray(body?.["tools"]));
}

interface Wanted {
  readonly since: number;
  isWanted(record: UpstreamRecord): boolean;
  /** How many there must be; 1 when absent. */
  readonly count?: number;
}

function recordOf(bench: Bench, { since, isWanted, count = 1 }: Wanted): Promise<UpstreamRecord> {
  const read = async () => (await chatRecords(bench, since)).filter(isWanted)[count - 1];
  return waitFor(read, {
    timeoutMs: EVENT_TIMEOUT_MS,
    what: `request ${count} of the agent`,
  });
}
