/** The one place that reads the environment. @module */

/** Reads one variable; an empty one counts as not set. */
export type ReadEnv = (name: string) => string | undefined;

/** Reads the environment of this process. A variable that may not be read counts as not set. */
export function readEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name) || undefined;
  } catch {
    return undefined;
  }
}

/** The whole environment of this process, for a child that is to get the same with changes. */
export function environment(): Record<string, string> {
  return Deno.env.toObject();
}
