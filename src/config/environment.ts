/** The one place that reads the environment. @module */
import { isSecretName } from "../core/redact_names.ts";

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

/** The values of secrets in km's own environment, which the server inherits. An environment that may not be read has none. */
export function environmentSecrets(): string[] {
  try {
    return secretsOf(environment());
  } catch {
    return [];
  }
}

/** Shorter values are too likely to stand in a text by chance. */
const MIN_SECRET_LENGTH = 8;
const PATH = /^(?:[~.]{0,2}\/[\w.@-]+(?:\/|$)|[~.]{1,2}[\\/]|[a-z]:[\\/]|\\\\)/i;
const SWITCH = /^(?:[\d.,_-]+|disabled|required|optional|undefined)$/i;

/** The values in `variables` that are secrets by their variable's name and are not mere paths, URLs, switches or numbers. */
export function secretsOf(variables: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(variables)
    .filter(([name, value]) => (isSecretName(name) || /_KEY$/i.test(name)) && isSecretValue(value))
    .map(([, value]) => value);
  return [...new Set(values)];
}

function isSecretValue(value: string): boolean {
  return value.length >= MIN_SECRET_LENGTH && !value.includes("://") && !PATH.test(value) &&
    !SWITCH.test(value);
}
