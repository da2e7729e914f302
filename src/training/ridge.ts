/** Ridge regression over sparse rows. */

/** Rows whose sparse part is a set of columns that share one value, beside a few dense columns. */
export interface Design {
  readonly columnCount: number;
  readonly denseCount: number;
  /** The value that each column of a row with so many columns has. */
  readonly valueOf: (count: number) => number;
  /** All rows' columns behind each other; row i's begin at `starts[i]` and end at `starts[i + 1]`. */
  readonly columns: Uint16Array;
  readonly starts: Uint32Array;
  /** Rows behind each other. */
  readonly dense: Float64Array;
}

/** One problem: minimise Σ weight · (row · w − target)² + penalty · |w|². */
export interface RidgeProblem {
  readonly targets: Float64Array;
  /** The weight of each row; rows of weight 0 are not looked at. */
  readonly weights: Float64Array;
  readonly penalty: number;
  readonly iterations: number;
}

/**
 * Solves ridge regression by conjugate gradients on the normal equations (Hestenes and Stiefel,
 * 1952; CGLS in Björck, "Numerical Methods for Least Squares Problems"). The result has a weight
 * for each column, then for each dense column.
 */
export function solveRidge(design: Design, problem: RidgeProblem): Float64Array {
  const size = design.columnCount + design.denseCount;
  const solution = new Float64Array(size);
  const residual = new Float64Array(size);
  const { weights } = problem;
  addTransposed(design, { weights, rows: problem.targets, into: residual });
  const direction = residual.slice();
  let norm = dot(residual, residual);
  for (let round = 0; round < problem.iterations && norm > 0; round++) {
    const image = direction.map((value) => value * problem.penalty);
    const rows = multiply(design, { weights, vector: direction });
    addTransposed(design, { weights, rows, into: image });
    const step = norm / dot(direction, image);
    for (let index = 0; index < size; index++) {
      solution[index] = (solution[index] ?? 0) + step * (direction[index] ?? 0);
      residual[index] = (residual[index] ?? 0) - step * (image[index] ?? 0);
    }
    const next = dot(residual, residual);
    for (let index = 0; index < size; index++) {
      direction[index] = (residual[index] ?? 0) + next / norm * (direction[index] ?? 0);
    }
    norm = next;
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

/** Each row's product with a vector of weights; 0 for rows that do not count. */
function multiply(
  design: Design,
  options: { readonly weights: Float64Array; readonly vector: Float64Array },
): Float64Array {
  const { weights, vector } = options;
  const { columns, starts, dense, denseCount, columnCount, valueOf } = design;
  const rows = new Float64Array(starts.length - 1);
  for (let row = 0; row < rows.length; row++) {
    if (weights[row] === 0) continue;
    const [start, end] = [starts[row] ?? 0, starts[row + 1] ?? 0];
    let sum = 0;
    for (let index = start; index < end; index++) sum += vector[columns[index] ?? 0] ?? 0;
    sum *= valueOf(end - start);
    for (let index = 0; index < denseCount; index++) {
      sum += (dense[row * denseCount + index] ?? 0) * (vector[columnCount + index] ?? 0);
    }
    rows[row] = sum;
  }
  return rows;
}

/** Adds the transposed design's product with the weighted rows. */
function addTransposed(
  design: Design,
  options: {
    readonly weights: Float64Array;
    readonly rows: Float64Array;
    readonly into: Float64Array;
  },
): void {
  const { columns, starts, dense, denseCount, columnCount, valueOf } = design;
  const { weights, rows, into } = options;
  for (let row = 0; row < rows.length; row++) {
    const value = (rows[row] ?? 0) * (weights[row] ?? 0);
    if (value === 0) continue;
    const [start, end] = [starts[row] ?? 0, starts[row + 1] ?? 0];
    const share = value * valueOf(end - start);
    for (let index = start; index < end; index++) {
      const column = columns[index] ?? 0;
      into[column] = (into[column] ?? 0) + share;
    }
    for (let index = 0; index < denseCount; index++) {
      const place = columnCount + index;
      into[place] = (into[place] ?? 0) + value * (dense[row * denseCount + index] ?? 0);
    }
  }
}
