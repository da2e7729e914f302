/** One simulated provider: an HTTP server on loopback that speaks one vendor's wire. */

import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { composeReply } from "./answer.ts";
import { anthropicWire } from "./anthropic_wire.ts";
import { ollamaWire } from "./ollama_wire.ts";
import { openaiWire } from "./openai_wire.ts";
import type { Persona, PersonaDialect } from "./persona.ts";
import type { Ask, Refusal, Reply, Wire } from "./wire.ts";

/** Waits this many milliseconds; rejects at once when the signal aborts. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** What a simulated provider needs from outside. */
export interface ProviderOptions {
  /** Ends the server and every stream of it. */
  readonly signal: AbortSignal;
  readonly wait: Wait;
  /** 0 lets the system choose one. */
  readonly port: number;
  /** Seconds since 1970. */
  readonly readClock: () => number;
}

/** A simulated provider that runs. */
export interface RunningProvider {
  /** Scheme, host and port. */
  readonly baseUrl: string;
  /** Settles when the server has ended. */
  readonly finished: Promise<void>;
}

const WIRES: Readonly<Record<PersonaDialect, Wire>> = {
  openai: openaiWire,
  anthropic: anthropicWire,
  ollama: ollamaWire,
};

/** Starts a server for the persona; throws when the port is taken. */
export function startProvider(persona: Persona, options: ProviderOptions): RunningProvider {
  const { signal, port } = options;
  const provider = new SimulatedProvider(persona, options);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, signal, onListen: () => undefined, onError: answerNobody },
    (request) => provider.handle(request),
  );
  return { baseUrl: `http://127.0.0.1:${server.addr.port}`, finished: server.finished };
}

class SimulatedProvider {
  readonly #persona: Persona;
  readonly #options: ProviderOptions;
  readonly #wire: Wire;
  #serial = 0;

  constructor(persona: Persona, options: ProviderOptions) {
    this.#persona = persona;
    this.#options = options;
    this.#wire = WIRES[persona.dialect];
  }

  async handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    if (pathname === this.#wire.modelsPath && request.method === "GET") {
      return Response.json(this.#wire.writeModels(this.#persona.modelId));
    }
    if (pathname !== this.#wire.chatPath || request.method !== "POST") {
      return this.#refuse({ status: 404, message: "Not found.", code: "not_found_error" });
    }
    const body = parseObject(text);
    return body === null
      ? this.#refuse({
        status: 400,
        message: "The body is not JSON.",
        code: "invalid_request_error",
      })
      : await this.#answer(request, body);
  }

  async #answer(request: Request, body: JsonObject): Promise<Response> {
    const checked = this.#wire.checkRequest(request.headers, body);
    if (checked.type === "refusal") return this.#refuse(checked.refusal);
    if (body["model"] !== this.#persona.modelId) return this.#refuse(unknownModel(body["model"]));
    if (this.#persona.behaviour === "fail") return this.#refuse(OVERLOADED);
    const { ask } = checked;
    const reply = composeReply(ask, {
      persona: this.#persona,
      serial: ++this.#serial,
      created: this.#options.readClock(),
    });
    if (ask.isStreamed) return this.#stream(reply, ask);
    const { firstTokenMs, tokenMs } = this.#persona;
    const signal = AbortSignal.any([this.#options.signal, request.signal]);
    await this.#options.wait(firstTokenMs + tokenMs * reply.outputTokens, signal);
    return Response.json(this.#wire.writeReply(reply));
  }

  #stream(reply: Reply, ask: Ask): Response {
    const gone = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, gone.signal]);
    const texts = this.#paceTexts(this.#wire.streamReply(reply, ask), signal);
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await texts.next();
        if (next.done === true) controller.close();
        else controller.enqueue(new TextEncoder().encode(next.value));
      },
      cancel() {
        gone.abort();
      },
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-type": this.#wire.streamType } });
  }

  /** The steps as text, each token after its pause. */
  async *#paceTexts(
    steps: ReturnType<Wire["streamReply"]>,
    signal: AbortSignal,
  ): AsyncGenerator<string, void> {
    const { firstTokenMs, tokenMs } = this.#persona;
    for (const [index, step] of steps.entries()) {
      if (step.isToken) await this.#options.wait(index === 0 ? firstTokenMs : tokenMs, signal);
      yield step.text;
    }
  }

  #refuse(refusal: Refusal): Response {
    return Response.json(this.#wire.writeRefusal(refusal), { status: refusal.status });
  }
}

/** A handler fails only when its client has left, or all is ending. */
function answerNobody(): Response {
  return new Response(null, { status: 500 });
}

const OVERLOADED: Refusal = {
  status: 503,
  message: "The engine is currently overloaded, please try again later.",
  code: "service_unavailable",
};

function unknownModel(modelId: JsonValue | undefined): Refusal {
  return { status: 404, message: `model '${String(modelId)}' not found`, code: "model_not_found" };
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
