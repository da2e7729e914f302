import assert from "node:assert/strict";
import { configureLog, disposeLog, getLog, type LogOptions } from "../src/log.ts";
import { createRedact, Secret } from "../src/redact.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;

function collectLines(change: Partial<LogOptions>, act: () => void): readonly string[] {
  const lines: string[] = [];
  configureLog({
    level: "info",
    redact: (text) => text,
    write: (line) => lines.push(line),
    ...change,
  });
  act();
  disposeLog();
  return lines.map((line) => line.replace(TIME, "TIME "));
}

Deno.test("a record is one line: time, level, part, message and fields", () => {
  const lines = collectLines({}, () => {
    getLog("server").info("listening", { port: 11435, host: "127.0.0.1", note: "two words" });
    getLog("ledger").warn("busy");
  });
  assert.deepEqual(lines, [
    'TIME info server: listening port=11435 host=127.0.0.1 note="two words"\n',
    "TIME warning ledger: busy\n",
  ]);
});

Deno.test("records below the level are left out", () => {
  const lines = collectLines({ level: "warning" }, () => {
    const log = getLog("x");
    log.debug("one");
    log.info("two");
    log.error("three");
  });
  assert.deepEqual(lines, ["TIME error x: three\n"]);
});

Deno.test("line breaks, ANSI sequences and direction marks are escaped", () => {
  const lines = collectLines({}, () => {
    getLog("x").info("a\nb\u001b[31m", { name: "c\u202ed", "k\ney": 1 });
  });
  assert.deepEqual(lines, ["TIME info x: a\\u000ab\\u001b[31m name=c\\u202ed k\\u000aey=1\n"]);
});

Deno.test("secrets are redacted in messages, fields, objects and errors, quoted ones too", () => {
  const canary = 'sk-canary"0123';
  const redact = createRedact([new Secret(canary)]);
  const lines = collectLines({ redact }, () => {
    getLog("x").info(`key ${canary}`, {
      key: canary,
      error: new Error(`bad ${canary}!`),
      list: [canary],
    });
  });
  assert.deepEqual(lines, [
    'TIME info x: key [redacted] key=[redacted] error="bad [redacted]!" list="[\\"[redacted]\\"]"\n',
  ]);
});

Deno.test("braces in a message are no placeholders", () => {
  const lines = collectLines({}, () => getLog("x").info("{secret}", { secret: 1 }));
  assert.deepEqual(lines, ["TIME info x: {secret} secret=1\n"]);
});

Deno.test("before the set-up and after its end records go nowhere", () => {
  const log = getLog("x");
  log.error("early");
  assert.deepEqual(collectLines({}, () => log.error("in time")), ["TIME error x: in time\n"]);
  log.error("late");
});

Deno.test("a second set-up replaces the first", () => {
  const first: string[] = [];
  configureLog({ level: "info", redact: (text) => text, write: (line) => first.push(line) });
  const second = collectLines({}, () => getLog("x").info("hello"));
  assert.deepEqual([first, second], [[], ["TIME info x: hello\n"]]);
});
