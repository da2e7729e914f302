/** Who the demo's simulated providers are. */

/** A wire that a simulated provider speaks. */
export type PersonaDialect = "openai" | "anthropic" | "ollama";

/** What a simulated model does with a request. */
export type PersonaBehaviour = "answer" | "weak" | "fail";

/** One simulated provider, with its one model. */
export interface Persona {
  readonly dialect: PersonaDialect;
  readonly modelId: string;
  /** How it speaks of itself. */
  readonly title: string;
  /** Milliseconds before the first token. */
  readonly firstTokenMs: number;
  /** Milliseconds between two tokens. */
  readonly tokenMs: number;
  readonly behaviour: PersonaBehaviour;
}

/** The simulated providers by name. */
export type PersonaName = "cloud" | "claude" | "local" | "slow" | "failing" | "weak";

/** THE TABLE of simulated providers. */
export const PERSONAS: Readonly<Record<PersonaName, Persona>> = {
  cloud: {
    dialect: "openai",
    modelId: "sim-cloud-1",
    title: "a capable cloud model",
    firstTokenMs: 120,
    tokenMs: 25,
    behaviour: "answer",
  },
  claude: {
    dialect: "anthropic",
    modelId: "sim-premium-1",
    title: "a premium cloud model",
    firstTokenMs: 200,
    tokenMs: 30,
    behaviour: "answer",
  },
  local: {
    dialect: "ollama",
    modelId: "sim-small:3b",
    title: "a small local model",
    firstTokenMs: 60,
    tokenMs: 15,
    behaviour: "answer",
  },
  slow: {
    dialect: "openai",
    modelId: "sim-slow-1",
    title: "a slow model",
    firstTokenMs: 1500,
    tokenMs: 60,
    behaviour: "answer",
  },
  failing: {
    dialect: "openai",
    modelId: "sim-failing-1",
    title: "a model that is always overloaded",
    firstTokenMs: 20,
    tokenMs: 10,
    behaviour: "fail",
  },
  weak: {
    dialect: "openai",
    modelId: "sim-weak-1",
    title: "a model that gives up",
    firstTokenMs: 40,
    tokenMs: 20,
    behaviour: "weak",
  },
};
