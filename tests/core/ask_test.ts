import assert from "node:assert/strict";
import fc from "fast-check";
import { readAsk } from "../../src/core/ask.ts";
import { unwrapText } from "../../src/core/ask_text.ts";
import { WRAPPINGS } from "../support/wrappings.ts";
import { buildMessages } from "../support/conversation.ts";

const FILE = "export const a = 1;\n".repeat(200);

for (const { client, wrap } of WRAPPINGS) {
  for (const ask of ["Rename getUsr to getUser in src/users.ts", "Was ist ein Deadlock?"]) {
    Deno.test(`readAsk() finds "${ask.slice(0, 16)}…" in the wrapping of ${client}`, () => {
      assert.equal(readAsk(buildMessages(...wrap(ask))).text, ask);
    });
  }
}

/** What is pasted or typed by people: nothing of it goes. */
const PLAIN: readonly string[] = [
  "Say hi",
  "What does <context> mean in Go?",
  "Why is `<T extends object>` needed here: function f<T extends object>(a: T) {}?",
  "  leading and trailing spaces stay  \n\n\n\n",
  "a\r\nb\r\n",
  "<p>Is this <b>valid</b> HTML?</p>",
  "Explain\n\n```ts\nconst a = 1;\n```\n",
  "Fix this mail:\n\nDate: 2026-01-02\nHello Ben,\nsee you.",
  "Today is a good day, write a poem about it",
  "<Task>JSX</Task> does not render, <Rules>why</Rules>?",
  "### Task:\nGenerate a concise, 3-5 word title",
  "<document>\nA short note.\n</document>\nIs that polite?",
  "```\nnever closed",
  "On branch main I see two commits; how do I squash them?",
  "I ran this command and nothing happened: ls",
  "The current time complexity is O(n); can it be 1?",
];

for (const text of PLAIN) {
  Deno.test(`readAsk() leaves ${JSON.stringify(text.slice(0, 40))} as it is`, () => {
    assert.deepEqual(readAsk(buildMessages(text)), {
      text,
      isCorrection: false,
      earlier: [],
      isUnwrapped: false,
    });
  });
}

Deno.test("readAsk() passes over user messages that hold wrapping or tool output only", () => {
  const messages = buildMessages(
    "<task>Fix the parser</task>\n<environment_details>\n# Time\n</environment_details>",
    { role: "assistant", content: "<read_file><path>a.ts</path></read_file>" },
    [
      "[read_file for 'a.ts'] Result:",
      FILE,
      "<environment_details>\n# VSCode Visible Files\n</environment_details>",
    ],
    { role: "assistant", content: "Let me think." },
    "[ERROR] You did not use a tool in your previous response! Please retry with a tool use.",
  );
  const ask = readAsk(messages);
  assert.equal(ask.text, "Fix the parser");
  assert.equal(ask.isUnwrapped, true);
});

Deno.test("readAsk() finds the user's words beside a tool's output", () => {
  const messages = buildMessages("<task>Fix it</task>", {
    role: "assistant",
    content: "…",
  }, ["[attempt_completion] Result:", "<feedback>\nNow write the tests for it\n</feedback>"]);
  assert.equal(readAsk(messages).text, "Now write the tests for it");
});

Deno.test("readAsk() takes the original where nothing would be left", () => {
  for (
    const text of [
      "<system-reminder>Be brief.</system-reminder>",
      "<tool_response>\nok\n</tool_response>",
      "Current time: 2026-01-02 10:00",
      "???",
      "",
    ]
  ) {
    assert.equal(readAsk(buildMessages(text)).text, text);
  }
  assert.equal(readAsk([]).text, "");
});

Deno.test("readAsk() keeps the earlier asks that a correction or a go-ahead is about", () => {
  const answer = { role: "assistant", content: "Done." } as const;
  const messages = buildMessages(
    "An old matter",
    answer,
    "Implement a red-black tree",
    answer,
    "no, I meant an AVL tree",
    answer,
    "continue",
  );
  const ask = readAsk(messages);
  assert.equal(ask.text, "continue");
  assert.deepEqual(ask.earlier, ["no, I meant an AVL tree", "Implement a red-black tree"]);
});

Deno.test("readAsk() shortens a dumped file and keeps a snippet", () => {
  const dump = readAsk(buildMessages(`Find the bug\n\n\`\`\`ts\n${FILE}\`\`\`\nThanks`)).text;
  assert.ok(dump.length < 800, `${dump.length} characters`);
  assert.match(dump, /^Find the bug\n\n```ts\nexport const a = 1;[^]*\n…\n[^]*```\nThanks$/);
  const attached = readAsk(
    buildMessages(`\`\`\`ts src/a.ts (1-40)\n${FILE.slice(0, 900)}\n\`\`\`\nWhy?`),
  );
  assert.ok(attached.text.length < 720, `${attached.text.length} characters`);
  const tagged = readAsk(buildMessages(`<file_content path="a.ts">\n${FILE}</file_content>\nWhy?`));
  assert.ok(tagged.text.length < 700 && tagged.text.endsWith("Why?"));
  const pasted = readAsk(buildMessages(`<report>\n${FILE}</report>\nWhy?`)).text;
  assert.ok(pasted.length < 700 && pasted.endsWith("Why?"));
});

Deno.test("readAsk() reads the two ends of a huge message only", () => {
  const text = `Find the bug in this log\n${
    "INFO all is well\n".repeat(60_000)
  }It crashes at noon.`;
  const ask = readAsk(buildMessages(`<system-reminder>x</system-reminder>${text}`)).text;
  assert.ok(ask.length <= 100_100);
  assert.ok(ask.startsWith("Find the bug") && ask.endsWith("at noon."));
});

Deno.test("unwrapText() takes time linear in the text, whatever it is made of", () => {
  const piece = fc.constantFrom(
    ..."<,</,>,<a>,</a>,<task>,</task>,<user_query>,```\n,~~~,`,\n,\n#, ,:,[,<system-reminder>"
      .split(","),
  );
  const pattern = fc.array(piece, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(pattern, (pieces) => {
      const text = pieces.join("").repeat(20_000);
      const inner = unwrapText(text);
      assert.ok(inner.length <= Math.max(text.length, 100_010));
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true },
  );
});

Deno.test("unwrapText() of any text without marks is that text", () => {
  const text = fc.string({ unit: "grapheme" }).filter((text) => !/[<>`~#\[]/.test(text));
  fc.assert(fc.property(text, (text) => assert.equal(unwrapText(text), text)));
});
