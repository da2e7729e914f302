/** How adequate the answers of the models of a snapshot were, and what is expected of them for that. */

import { calibrate, type Calibration, type Observation } from "../core/adequacy.ts";
import type { Model, Quality } from "../core/catalog.ts";

/** The newest judged answers that are kept of each model. */
const MAX_OBSERVATIONS = 2_000;

/** Further observations after which a model is calibrated anew. */
const RECALIBRATE_AFTER = 50;

/**
 * What is older than a day without judged answers is forgotten, in milliseconds: a model that fell
 * behind gets none any more, and may have become better since.
 */
const FORGET_MS = 86_400_000;

/** Whose answer was judged: an alias that means another model now is another one. */
type ModelNames = Pick<Model, "alias" | "provider" | "modelId">;

/** A judged answer, and when it came in milliseconds since 1970. */
export interface TimedObservation extends Observation {
  readonly ts: number;
}

/** A judged answer of a model, as the ledger has it. */
export interface KnownObservation extends TimedObservation, ModelNames {}

interface Entry {
  readonly observations: Observation[];
  /** When the newest came, in milliseconds since 1970. */
  newestTs: number;
  /** Those that came since it was calibrated. */
  newCount: number;
  /** Null: not calibrated yet. */
  calibrated: { readonly quality: Quality; readonly calibration: Calibration } | null;
}

/** Where the time comes from. */
export interface AdequacySources {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The judged answers of models, and what they have taught. */
export class Adequacy {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  /** Starts from what is known, oldest first. */
  constructor(known: readonly KnownObservation[] = [], sources: AdequacySources = {}) {
    this.#now = sources.now ?? (() => Date.now());
    for (const observation of known) this.#add(observation, observation);
  }

  /** Notes a judged answer. Calibrates here, where no request waits for it. */
  note(model: Model, observation: TimedObservation): void {
    const entry = this.#add(model, observation);
    if (entry.newCount >= RECALIBRATE_AFTER) calibrateEntry(entry, model.quality);
  }

  /** What its judged answers have changed of what is expected of the model; at most 49 are not in it. */
  calibrationOf(model: Model): Calibration {
    const entry = this.#entries.get(keyOf(model));
    if (entry === undefined || this.#now() - entry.newestTs > FORGET_MS) {
      return calibrate([], model.quality);
    }
    const { calibrated } = entry;
    if (calibrated?.quality === model.quality) return calibrated.calibration;
    return calibrateEntry(entry, model.quality);
  }

  #add(names: ModelNames, { score, isAdequate, ts }: TimedObservation): Entry {
    const key = keyOf(names);
    const known = this.#entries.get(key);
    const entry = known === undefined || ts - known.newestTs > FORGET_MS
      ? { observations: [], newestTs: ts, newCount: 0, calibrated: null }
      : known;
    this.#entries.set(key, entry);
    entry.newestTs = Math.max(entry.newestTs, ts);
    entry.observations.push({ score, isAdequate });
    if (entry.observations.length > MAX_OBSERVATIONS) entry.observations.shift();
    entry.newCount++;
    return entry;
  }
}

function calibrateEntry(entry: Entry, quality: Quality): Calibration {
  const calibration = calibrate(entry.observations, quality);
  entry.calibrated = { quality, calibration };
  entry.newCount = 0;
  return calibration;
}

function keyOf({ alias, provider, modelId }: ModelNames): string {
  return JSON.stringify([alias, provider, modelId]);
}
