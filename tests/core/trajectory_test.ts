import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatMessage } from "../../src/core/chat.ts";
import { readTrajectory } from "../../src/core/trajectory.ts";
import { buildCall, buildMessages } from "../support/conversation.ts";

const ASK = { "role": "user", "content": "Fix the parser" } as const;
const ANSWER = { "role": "assistant", "content": "Done." } as const;
const FAILED = "=== 3 failed, 5 passed in 0.2s ===";
const PASSED = "=== 8 passed in 0.2s ===";
const PLAIN = "const error = 1;";

/** Calls with these results, each of other arguments. */
function calls(...results: readonly string[]): readonly ChatMessage[] {
  return results.flatMap((result, index) =>
    buildCall(result, { args: `{"step":"${index} of ${result}"}` })
  );
}

function say(content: string): ChatMessage {
  return { "role": "user", "content": content };
}

Deno.test("readTrajectory() finds no trouble where there is none", () => {
  for (
    const messages of [
      [],
      [ASK],
      [ASK, ANSWER, say("Now the printer")],
      [ASK, ...calls(PLAIN, PLAIN, PASSED)],
    ]
  ) {
    const { lift, reasons } = readTrajectory(messages);
    assert.equal(lift, 0);
    assert.deepEqual(reasons, []);
  }
});

Deno.test("readTrajectory() counts the failures since the newest ask", () => {
  const messages = [ASK, ...calls(FAILED, FAILED), say("Now the printer"), ...calls(FAILED)];
  assert.equal(readTrajectory(messages).failures, 1);
  const { failures, lift, reasons } = readTrajectory([ASK, ...calls(FAILED, FAILED, FAILED)]);
  assert.equal(failures, 3);
  assert.ok(lift > 0.35 && lift < 0.5, `${lift}`);
  assert.ok(reasons.includes("3 tool results failed since the ask"));
});

Deno.test("readTrajectory() counts calls that are repeated with the same arguments", () => {
  const same = buildCall(PLAIN);
  const { repeats, reasons } = readTrajectory([ASK, ...same, ...same, ...same, ...same, ...same]);
  assert.equal(repeats, 4);
  assert.ok(reasons.includes("the same call was repeated 4 times"));
  assert.equal(readTrajectory([ASK, ...calls(PLAIN, PLAIN, PLAIN)]).repeats, 0);
});

Deno.test("readTrajectory() counts no call again whose result is another one", () => {
  const loop = Array.from({ length: 5 }, (_, index) => [
    ...buildCall("The file has been updated.", { name: "edit", args: `{"step":${index}}` }),
    ...buildCall(` M src/${index}.ts`, { args: '{"command":"git status --short"}' }),
  ]);
  const { repeats, lift } = readTrajectory([ASK, ...loop.flat()]);
  assert.deepEqual([repeats, lift], [0, 0]);
});

Deno.test("readTrajectory() takes no call that is repeated for a success", () => {
  const cat = buildCall(PLAIN, { args: '{"command":"cat a"}' });
  const once = [ASK, ...calls(FAILED, FAILED, FAILED), ...cat];
  let [messages, { lift }] = [once, readTrajectory(once)];
  for (let time = 0; time < 5; time++) {
    messages = [...messages, ...cat];
    const next = readTrajectory(messages).lift;
    assert.ok(next > lift, `${lift} -> ${next}`);
    lift = next;
  }
});

Deno.test("readTrajectory() tells a long loop", () => {
  const { rounds, lift, reasons } = readTrajectory([ASK, ...calls(...Array(25).fill(PLAIN))]);
  assert.equal(rounds, 25);
  assert.ok(lift > 0 && lift < 0.1, `${lift}`);
  assert.deepEqual(reasons, ["a loop of 25 tool calls"]);
});

const CORRECTIONS: readonly string[] = [
  "still fails",
  "It still doesn't compile",
  "that didn't work",
  "no, I meant the other file",
  "wrong",
  "same error",
  "You broke the login",
  "Thanks, but it still fails",
  "Das geht immer noch nicht",
  "Nein, ich meinte die andere Datei",
  "Ça ne marche toujours pas",
  "même erreur",
  "sigue sin funcionar",
  "No funciona",
  "Ainda não funciona",
  "mesmo erro",
  "Non funziona",
  "stesso errore",
  "werkt nog steeds niet",
  "всё ещё не работает",
  "та же ошибка",
  "还是不行",
  "同样的错误",
  "まだエラーが出ます",
  "動きません",
  "아직도 안 돼요",
  "같은 오류가 나요",
  "nadal nie działa",
  "hâlâ çalışmıyor",
  "aynı hata",
  "it's not working",
  "tests fail",
  "doesn't work",
  "nope",
  "no",
  "that's not it",
  "it's still red",
  "the output is wrong",
  "now I get a TypeError",
  "that broke the build",
  "still nothing",
  "I don't think that's right",
  "ça marche pas",
  "c'est toujours cassé",
  "ダメです",
];

for (const text of CORRECTIONS) {
  Deno.test(`readTrajectory() hears a correction in "${text}"`, () => {
    const { corrections, lift } = readTrajectory([ASK, ANSWER, say(text)]);
    assert.equal(corrections, 1);
    assert.ok(lift > 0.2);
  });
}

const NEW_ASKS: readonly string[] = [
  "thanks!",
  "Thank you, that works now",
  "Now add a test for the printer",
  "What is wrong with this regex: /a+b/?",
  "Write a story in which nothing works the same way",
  "How do I handle the same error in Go and in Rust?",
  "danke, und jetzt die Doku",
  "谢谢",
  "Which of the two is not thread-safe?",
  "Is there no simpler way?",
  "It works! I said thanks",
  "You forgot nothing, perfect. Next: the API",
  "I asked for a raise, write the mail",
  "no, that's all for today",
  "hayır, teşekkürler",
  "same output format, but for the second table",
  "Add error handling that shows the same error message everywhere",
  "If that doesn't work, what else could I try?",
  "The error says 'still not found', explain it",
  "wrong answers only: who wrote Hamlet?",
  "It still gives me joy. Write a poem",
  "¿por qué no va el tren?",
];

for (const text of NEW_ASKS) {
  Deno.test(`readTrajectory() takes "${text}" for a new matter`, () => {
    const before = [ASK, ...calls(FAILED, FAILED), ANSWER, say("still fails"), ANSWER];
    const { lift, corrections } = readTrajectory([...before, say(text)]);
    assert.equal(corrections, 0);
    assert.equal(lift, 0);
  });
}

Deno.test("readTrajectory() takes no first message for a correction", () => {
  assert.equal(readTrajectory([say("It still doesn't compile: …")]).corrections, 0);
});

Deno.test("readTrajectory() goes on after a go-ahead and after a correction", () => {
  for (const text of ["continue", "ok, go ahead", "weiter", "继续", "still fails"]) {
    assert.equal(readTrajectory([ASK, ...calls(FAILED), ANSWER, say(text)]).failures, 1, text);
  }
});

Deno.test("readTrajectory() lets success lower the lift again", () => {
  const trouble = [ASK, ...calls(FAILED, FAILED, FAILED)];
  const { lift } = readTrajectory(trouble);
  const one = readTrajectory([...trouble, ...calls(PLAIN)]).lift;
  const two = readTrajectory([...trouble, ...calls(PLAIN, PLAIN)]).lift;
  const six = readTrajectory([...trouble, ...calls(...Array(6).fill(PLAIN))]).lift;
  assert.equal(one, lift, "one plain result is no success run");
  assert.ok(two < lift && six < two / 2 && six > 0, `${lift} ${two} ${six}`);
  assert.equal(readTrajectory([...trouble, ...calls(PASSED)]).lift, 0);
  const corrected = [...trouble, ANSWER, say("still fails")];
  const passed = readTrajectory([...corrected, ...calls(PASSED)]).lift;
  assert.ok(passed > 0 && passed < readTrajectory(corrected).lift, "tests are not the user");
});

Deno.test("readTrajectory() reads results that stand in user messages", () => {
  const call = { "role": "assistant", "content": "<execute_command>…" } as const;
  const result = "[execute_command for 'npm test'] Result:\nCommand executed.\nOutput:\n" +
    `${FAILED}\n<environment_details>\n# Time\n</environment_details>`;
  const messages = buildMessages("<task>\nFix it\n</task>", call, result, call, result);
  const { failures, repeats, rounds } = readTrajectory(messages);
  assert.deepEqual({ failures, repeats, rounds }, { failures: 2, repeats: 1, rounds: 2 });
  const complaint = "[ERROR] You did not use a tool in your previous response! Please retry.";
  assert.equal(readTrajectory(buildMessages("<task>a</task>", call, complaint)).failures, 1);
});

Deno.test("readTrajectory() believes is_error", () => {
  const [call, result] = buildCall("whatever");
  assert.ok(call !== undefined && result !== undefined);
  assert.equal(readTrajectory([ASK, call, { ...result, "is_error": true }]).failures, 1);
});

Deno.test("readTrajectory() quotes nothing in its reasons", () => {
  const secret = "hunter2";
  const { reasons } = readTrajectory([
    say(`Fix ${secret}`),
    ...buildCall(`Error: ${secret}`, { args: secret }),
    ...buildCall(`Error: ${secret}`, { args: secret }),
    say(`still fails ${secret}`),
  ]);
  assert.equal(reasons.length, 3);
  assert.doesNotMatch(reasons.join(), new RegExp(secret));
});

const STEP = fc.constantFrom<readonly ChatMessage[]>(
  buildCall(FAILED),
  buildCall(FAILED, { args: "{}" }),
  buildCall(PLAIN),
  buildCall(PLAIN, { args: "{}" }),
  buildCall(PASSED, { args: '{"a":1}' }),
  [ANSWER],
  [ANSWER, say("still fails")],
  [ANSWER, say("go on")],
  [ANSWER, say("Now the printer")],
);

/** Evidence of trouble that can come after any conversation. */
const EVIDENCE: Readonly<Record<string, readonly ChatMessage[]>> = {
  "a failing result": buildCall("Exit code 1", { args: '{"new":1}' }),
  "a failing call again": buildCall(FAILED),
  "a correction": [ANSWER, say("that didn't work")],
  "a client's complaint": [
    ANSWER,
    say("[ERROR] You did not use a tool in your previous response!"),
  ],
};

for (const [what, evidence] of Object.entries(EVIDENCE)) {
  Deno.test(`readTrajectory() never lowers the lift for ${what}`, () => {
    const steps = fc.array(STEP, { maxLength: 90 });
    fc.assert(
      fc.property(steps, fc.nat(3), (history, more) => {
        let messages: readonly ChatMessage[] = [ASK, ...history.flat()];
        let { lift } = readTrajectory(messages);
        for (let time = 0; time <= more; time++) {
          messages = [...messages, ...evidence];
          const next = readTrajectory(messages).lift;
          assert.ok(next >= lift && next < 1, `${lift} -> ${next}`);
          lift = next;
        }
      }),
      { numRuns: 200 },
    );
  });
}

Deno.test("readTrajectory() never lowers the lift for a call made again with the same result", () => {
  const again = buildCall("const b = 2;", { args: '{"path":"b"}' });
  const steps = fc.array(STEP, { maxLength: 40 });
  fc.assert(
    fc.property(steps, fc.nat(9), (history, more) => {
      let messages: readonly ChatMessage[] = [ASK, ...history.flat(), ...again];
      let { lift } = readTrajectory(messages);
      for (let time = 0; time <= more; time++) {
        messages = [...messages, ...again];
        const next = readTrajectory(messages).lift;
        assert.ok(next > lift, `${lift} -> ${next}`);
        lift = next;
      }
    }),
  );
});

Deno.test("readTrajectory() never lowers the lift where a result fails instead of being plain", () => {
  // Each call is another one: of a repeated call, another result ends the repetition.
  const outcomes = fc.array(fc.constantFrom(FAILED, PLAIN, PASSED), { maxLength: 40 });
  fc.assert(
    fc.property(outcomes, fc.nat(100), (results, at) => {
      const plain = results.flatMap((result, index) => result === PLAIN ? [index] : []);
      const changed = plain[at % Math.max(1, plain.length)];
      const worse = results.map((result, index) => index === changed ? FAILED : result);
      const build = (results: readonly string[]) =>
        results.flatMap((result, index) => buildCall(result, { args: `{"step":${index}}` }));
      const lift = readTrajectory([ASK, ...build(results)]).lift;
      assert.ok(readTrajectory([ASK, ...build(worse)]).lift >= lift);
    }),
  );
});
