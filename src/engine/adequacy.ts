/** How adequate the answers of the models of a snapshot were, and what is expected of them for that. */

import { adequacyOf, calibrate, type Calibration, type Observation } from "../core/adequacy.ts";
import type { Model, Quality } from "../core/catalog.ts";

/** The newest judged answers that are kept of each model. */
const MAX_OBSERVATIONS = 2_000;

/** Further observations after which a model is calibrated anew. */
const RECALIBRATE_AFTER = 50;

/** Whose answer was judged: an alias that means another model now is another one. */
type ModelNames = Pick<Model, "alias" | "provider" | "modelId">;

/** A judged answer of a model, as the ledger has it. */
export interface KnownObservation extends Observation, ModelNames {}

interface Entry {
  readonly observations: Observation[];
  /** Those that came since it was calibrated. */
  newCount: number;
  /** Null: not calibrated yet. */
  calibrated: { readonly quality: Quality; readonly calibration: Calibration } | null;
}

/** The judged answers of models, and what they have taught. */
export class Adequacy {
  readonly #entries = new Map<string, Entry>();

  /** Starts from what is known, oldest first. */
  constructor(known: readonly KnownObservation[] = []) {
    for (const observation of known) this.#add(observation, observation);
  }

  /** Notes a judged answer. Calibrates here, where no request waits for it. */
  note(model: Model, observation: Observation): void {
    const entry = this.#add(model, observation);
    if (entry.newCount >= RECALIBRATE_AFTER) calibrateEntry(entry, model.quality);
  }

  /** What its judged answers have changed of what is expected of the model; at most 49 are not in it. */
  calibrationOf(model: Model): Calibration {
    const entry = this.#entries.get(keyOf(model));
    if (entry === undefined) return calibrate([], model.quality);
    const { calibrated } = entry;
    if (calibrated?.quality === model.quality) return calibrated.calibration;
    return calibrateEntry(entry, model.quality);
  }

  /** The probability that the model's answer to a request of this difficulty (0 to 1) is adequate. */
  adequacyOf(model: Model, score: number): number {
    const { quality } = model;
    return adequacyOf({ quality, calibration: this.calibrationOf(model) }, score);
  }

  #add(names: ModelNames, { score, isAdequate }: Observation): Entry {
    const key = keyOf(names);
    const entry = this.#entries.get(key) ?? { observations: [], newCount: 0, calibrated: null };
    this.#entries.set(key, entry);
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
