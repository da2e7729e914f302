import assert from "node:assert/strict";
import { BASE, configOf, problemsOf } from "./sample.ts";

const OFF = '[models.off]\nprovider = "ollama"\nmodel_id = "x"\nlocal = true\nenabled = false\n';

function rule(then: string): string {
  return `${BASE}${OFF}[[rules]]\nname = "r"\nwhen = { has_tools = true }\nthen = ${then}\n`;
}

/** What is doubtful -> the config, and its one warning; null when it has none. */
const CASES: Readonly<Record<string, readonly [text: string, warning: string | null]>> = {
  "a rule whose models are all disabled": [
    rule('{ primary = "off" }'),
    "rules[0].then names disabled models only (off); " +
    "requests that the rule takes are refused: remove enabled = false, or the rule",
  ],
  "a rule with one model that is enabled": [
    rule('{ primary = "off", cascade = ["local"] }'),
    null,
  ],
  "a rule whose header may name any model": [rule('{ primary = "$header:x-a" }'), null],
  "an alias that a cascade repeats": [
    rule('{ primary = "off", cascade = ["local", "local"] }'),
    'rules[0].then.cascade[1] names "local" again; remove it: a request asks each model once',
  ],
  "a primary that its cascade repeats": [
    rule('{ primary = "local", cascade = ["off", "local"] }'),
    'rules[0].then.cascade[1] names "local" again; remove it: a request asks each model once',
  ],
  "cloud-only where every model is local": [
    BASE + '[routing]\nprofile = "cloud-only"',
    'routing.profile is "cloud-only", but every enabled model is local: it finds none; ' +
    "choose another profile, or add a hosted model",
  ],
  "cloud-only where a model is hosted": [
    BASE + '[models.big]\nprovider = "ollama"\nmodel_id = "x"\n[routing]\nprofile = "cloud-only"',
    null,
  ],
  "a share for strong models where all are strong": [
    BASE.replace("[models.local]", '[models.local]\nquality = "strong"') +
    "[routing]\nstrong_share = 0.2",
    "routing.strong_share has no effect: every enabled model is strong or premium; " +
    "add a model of tier basic or standard, or leave it out",
  ],
  "a share for strong models beside others": [BASE + "[routing]\nstrong_share = 0.2", null],
  "embeddings where the dialect has none": [
    BASE + '[providers.c]\nkind = "anthropic"\nbase_url = "http://127.0.0.1:9"\n' +
    '[models.e]\nprovider = "c"\nmodel_id = "x"\ntype = "embeddings"',
    'models.e.type is "embeddings", which servers of the dialect "anthropic" don\'t have; ' +
    "choose another provider",
  ],
  "an embeddings model that would be asked to chat": [
    BASE + '[models.e]\nprovider = "ollama"\nmodel_id = "nomic-embed-text:v1.5"\nlocal = true',
    'models.e.type is "chat", but "nomic-embed-text:v1.5" seems to be an embeddings model; ' +
    'set type = "embeddings"',
  ],
  "an address that other machines reach": [
    BASE + '[server]\nbind = "0.0.0.0:11435"',
    "server.bind is no loopback address: whoever reaches this port can spend your providers' " +
    "money; bind 127.0.0.1, or put a firewall or a proxy that asks for a password in front",
  ],
  "IPv6 loopback": [BASE + '[server]\nbind = "[::1]:11435"', null],
};

for (const [name, [text, warning]] of Object.entries(CASES)) {
  Deno.test(`parseConfig() ${warning === null ? "takes" : "warns of"} ${name}`, async () => {
    const expected = warning === null ? [] : [`config.toml: warning: ${warning}`];
    assert.deepEqual(await problemsOf(text), expected);
    await configOf(text);
  });
}
