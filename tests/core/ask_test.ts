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
  // They begin like clients' texts
  "I ran this command:\n\ncargo test\n\nand it deadlocks. Prove that the lock order is a cycle.",
  "I ran this command:\n\nls\n\nAnd got this output:\n\na.ts\n\nIs that right?",
  "I updated the files but CI is red; find the race in the scheduler",
  "My setup is complete. Now how do I configure TLS for it?",
  "I did `git reset --hard HEAD~3` by mistake, how do I recover the commits?",
  "Observation: light bends near the sun. Derive the angle.",
  "[benchmark] Result: 3 ms vs 5 ms. Prove that the difference is significant.",
  "<observation>\nfever, rash\n</observation>\nList a differential diagnosis",
  "Called the parse tool with the following input: {} and it crashed",
  "Fix any errors below:\n\nteh quick brwon fox",
  "[Request interrupted by user] is what the log says. Why?",
  "Here are some files from my git repo: a.ts, b.ts. Which one is dead?",
  // They name the tags of clients
  "Prove that the lock-free queue is linearizable. Our prompt template is " +
  "`<user_query>{q}</user_query>`.",
  "What does `<userRequest>x</userRequest>` do?",
  "Why is this ignored?\n\n<userRequest>\nx\n</userRequest>\n\nOur parser has two passes.",
  "Follow these.\n<rules>\nProve that the scheduler is fair.\n</rules>\nGo.",
  "Convert this XML config to JSON:\n<rules>\n<rule a='1'/>\n</rules>",
  ..."env skill timestamp permissions attachments observation".split(" ").map((tag) =>
    `Convert this to YAML:\n<${tag}>\n<a>1</a>\n</${tag}>`
  ),
  "Put the result in <answer></answer>, all else in <task></task>.",
  "Put the result in\n<answer></answer>\nand be exact.",
  "Why does this not render?\n\n```jsx\n<rules>\n  <system-reminder>\n  x\n  </system-reminder>\n" +
  "</rules>\n```",
  "Why do I see <system-reminder> in logs? Prove where it comes from. End tag is </system-reminder>.",
  "[2026-01-02 10:00:00] start\n[2026-01-02 10:00:01] stop\nWhy does it stop?",
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

  Deno.test(`readAsk() leaves ${JSON.stringify(text.slice(0, 40))} as it is after another ask`, () => {
    const before = ["Say hi", { role: "assistant", content: "hi" }] as const;
    assert.deepEqual(readAsk(buildMessages(...before, text)), {
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

/** What the assistant asked, and what answers it. */
const REPLIES: readonly (readonly [string, string])[] = [
  ["Which one? 1 or 2", "2"],
  ["Which channel library do you want?", "use crossbeam"],
  ["I can do these:\n1. the tree\n2. the tests\nShall I?", "yes, do all of that"],
  ["哪一个？", "第二个"],
  ["Shall I add tests as well?", "no"],
];

for (const [question, reply] of REPLIES) {
  Deno.test(`readAsk() takes "${reply}" for an answer to the assistant's question`, () => {
    const hard = "Implement a red-black tree and prove its invariants";
    const answer = { role: "assistant", content: question } as const;
    const { text, earlier } = readAsk(buildMessages(hard, answer, reply));
    assert.deepEqual([text, earlier], [reply, [hard]]);
  });
}

Deno.test("readAsk() takes an answer in Cline's tags for one", () => {
  const messages = buildMessages(
    "<task>\nDesign the storage\n</task>",
    { role: "assistant", content: "<ask_followup_question>Which database" },
    ["[ask_followup_question for 'Which database'] Result:", "<answer>\npostgres\n</answer>"],
  );
  assert.deepEqual(readAsk(messages).earlier, ["Design the storage"]);
});

Deno.test("readAsk() takes a short ask for a new one where nothing was asked", () => {
  for (const answer of ["Done.", "Done. Anything else?"]) {
    const messages = buildMessages("Prove it", { role: "assistant", content: answer }, "Say hi");
    assert.deepEqual(readAsk(messages).earlier, []);
  }
});

Deno.test("readAsk() finds the words beside a client's text on an interruption", () => {
  const text = "[TASK RESUMPTION] This task was interrupted 5 minutes ago.\n\n" +
    "<user_message>\nNow prove it\n</user_message>";
  assert.equal(readAsk(buildMessages("<task>a</task>", text)).text, "Now prove it");
});

Deno.test("readAsk() says nothing of wrapping where there is none", () => {
  for (const text of ["???", ""]) {
    assert.equal(readAsk(buildMessages("Say hi", text)).isUnwrapped, false);
  }
  const reminder = "<system-reminder>Be brief.</system-reminder>";
  assert.equal(readAsk(buildMessages("Say hi", reminder)).isUnwrapped, true);
});

Deno.test("readAsk() reads so many characters of a long conversation only", () => {
  const text = `<system-reminder>${"<a>\n".repeat(40_000)}</system-reminder>`;
  const messages = buildMessages("Say hi", ...Array(250).fill(text));
  const start = performance.now();
  assert.equal(readAsk(messages).text, "Say hi");
  assert.ok(performance.now() - start < 3_000);
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
      const text = pieces.join("").repeat(20_000).slice(0, 90_000);
      const start = performance.now();
      const inner = unwrapText(text);
      // Some 10 ms; what is quadratic takes seconds.
      assert.ok(performance.now() - start < 3_000, pieces.join(""));
      assert.ok(inner.length <= text.length);
    }),
    { numRuns: 60 },
  );
});

Deno.test("unwrapText() of any text without marks is that text", () => {
  const text = fc.string({ unit: "grapheme" }).filter((text) =>
    !/[<>`~#\[]/.test(text) && text.trim() !== ""
  );
  fc.assert(fc.property(text, (text) => assert.equal(unwrapText(text), text)));
});
