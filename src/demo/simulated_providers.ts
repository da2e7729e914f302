/** All of the demo's simulated providers. They share no code with the adapters that talk to them. */

import { type Persona, type PersonaName, PERSONAS } from "./persona.ts";
import { startProvider, type Wait } from "./simulated_provider.ts";

/** How the simulated providers run. */
export interface SimulatedProvidersOptions {
  /** Ends all of them. */
  readonly signal: AbortSignal;
  /** Ports by name; one that is not named is chosen by the system. */
  readonly ports?: Partial<Readonly<Record<PersonaName, number>>>;
  /** How pauses pass; real time when absent. */
  readonly wait?: Wait;
}

/** One simulated provider, and where it listens. */
export interface SimulatedEndpoint extends Persona {
  /** Scheme, host and port. */
  readonly baseUrl: string;
}

/** The simulated providers that run. */
export interface SimulatedProviders {
  readonly endpoints: Readonly<Record<PersonaName, SimulatedEndpoint>>;
  /** Settles when all have ended. */
  readonly finished: Promise<void>;
}

/** Starts every simulated provider on 127.0.0.1; throws when a port is taken. */
export function startSimulatedProviders(options: SimulatedProvidersOptions): SimulatedProviders {
  const finished: Promise<void>[] = [];
  const start = (name: PersonaName): SimulatedEndpoint => {
    const running = startProvider(PERSONAS[name], {
      signal: options.signal,
      wait: options.wait ?? waitReally,
      port: options.ports?.[name] ?? 0,
      readClock: () => Math.floor(Date.now() / 1000),
    });
    finished.push(running.finished);
    return { ...PERSONAS[name], baseUrl: running.baseUrl };
  };
  const endpoints = {
    cloud: start("cloud"),
    claude: start("claude"),
    local: start("local"),
    slow: start("slow"),
    failing: start("failing"),
    weak: start("weak"),
  };
  return { endpoints, finished: Promise.all(finished).then(() => undefined) };
}

function waitReally(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", onAbort);
    resolve();
  }, milliseconds);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return promise;
}
