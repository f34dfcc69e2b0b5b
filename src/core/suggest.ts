/** "Did you mean": the known word that is nearest to a mistyped one. @module */

/** Letters that a beginning needs to be taken for its word. */
const LEAST_BEGINNING = 3;

/**
 * Returns the word of `known` nearest to `typed`, else the one that begins with it (or it with that), or undefined when none is
 * near enough to be meant.
 */
export function suggest(typed: string, known: Iterable<string>): string | undefined {
  const words = [...known];
  return nearest(typed, words) ?? words.find((word) => isBeginning(typed.toLowerCase(), word.toLowerCase()));
}

function isBeginning(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= LEAST_BEGINNING && (a.startsWith(b) || b.startsWith(a));
}

function nearest(typed: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const word of known) {
    // One slip in a short word, two in a longer one; three letters more is another word.
    const allowed = Math.min(typed.length, word.length) <= 4 ? 1 : 2;
    const distance = editDistance(typed.toLowerCase(), word.toLowerCase());
    if (distance <= allowed && distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

/** Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap of neighbours cost 1 each. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        ? at(beforeLast, j - 2) + 1
        : Infinity;
      row.push(Math.min(replace, swap, at(last, j) + 1, at(row, j - 1) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
