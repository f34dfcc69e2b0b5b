/** The providers that there are: the built-in ones, and those of the config file. @module */
import { KmError } from "../../core/error.ts";
import { suggest } from "../../core/suggest.ts";
import { checkProvider } from "./check_provider.ts";
import claude from "./claude.json" with { type: "json" };
import codex from "./codex.json" with { type: "json" };
import cursorAgent from "./cursor-agent.json" with { type: "json" };
import gemini from "./gemini.json" with { type: "json" };
import type { Provider } from "./provider.ts";
import shell from "./shell.json" with { type: "json" };

/** The built-in providers as they stand in their files, by name. */
export const BUILT_IN: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["claude", claude],
  ["codex", codex],
  ["gemini", gemini],
  ["cursor-agent", cursorAgent],
  ["shell", shell],
]);

/** Problems that one error names. */
const MAX_TOLD = 3;

export interface LoadedProviders {
  readonly providers: ReadonlyMap<string, Provider>;
  /** What is wrong with those of the user, one line each; a provider with problems is as if it did not stand there. */
  readonly problems: readonly string[];
}

/**
 * Returns the built-in providers and those of `userDefined`, the object `providers` of the config file. One of the user's may say `"extends"`: it
 * is then as that one, except for what it says itself; screens and signals of its own come before those. One with a built-in name and without
 * `"extends"` replaces it.
 */
export function loadProviders(userDefined: unknown): LoadedProviders {
  const providers = new Map<string, Provider>();
  const problems: string[] = [];
  for (const [name, value] of BUILT_IN) add(providers, problems, name, value, `built-in provider ${name}`);
  if (userDefined === undefined || userDefined === null) return { providers, problems };
  if (typeof userDefined !== "object" || Array.isArray(userDefined)) {
    return { providers, problems: [...problems, "providers: must be an object, one provider for each name"] };
  }
  for (const [name, value] of Object.entries(userDefined)) {
    const path = `providers.${name}`;
    const whole = extended(value, path, problems);
    if (whole !== null) add(providers, problems, name, whole, path);
  }
  return { providers, problems };
}

/** Why `name` cannot be used, for `action` ("start"): it is nowhere, or what the config file says of it is wrong. */
export function missingProvider(
  action: string,
  name: string,
  { providers, problems }: {
    readonly providers: ReadonlyMap<string, Provider>;
    readonly problems: readonly string[];
  },
): KmError {
  const path = `providers.${name}`;
  const own = problems.filter((each) =>
    each.startsWith(`${path}:`) || each.startsWith(`${path}.`) || each.startsWith("providers:")
  );
  if (own.length > 0) {
    return new KmError("not_found", `Cannot ${action} "${name}": the config file is wrong about it`, {
      hint: own.slice(0, MAX_TOLD).join("; "),
    });
  }
  const near = suggest(name, [...providers.keys()]);
  return new KmError("not_found", `Cannot ${action} "${name}": there is no such provider`, {
    hint: near ? `did you mean "${near}"?` : `there are: ${[...providers.keys()].join(", ")}`,
  });
}

function add(
  providers: Map<string, Provider>,
  problems: string[],
  name: string,
  value: unknown,
  path: string,
): void {
  const checked = checkProvider(name, value, path);
  problems.push(...checked.problems);
  if (checked.provider !== null) providers.set(name, checked.provider);
}

/** `value` with what it inherits; null, with a problem: there is nothing that it could inherit from. */
function extended(value: unknown, path: string, problems: string[]): unknown {
  if (typeof value !== "object" || value === null || !("extends" in value)) return value;
  const { extends: base, ...own } = value;
  const inherited = typeof base === "string" ? BUILT_IN.get(base) : undefined;
  if (typeof inherited !== "object" || inherited === null) {
    const near = typeof base === "string" ? suggest(base, BUILT_IN.keys()) : undefined;
    const hint = near === undefined ? `one of ${[...BUILT_IN.keys()].join(", ")}` : `did you mean "${near}"?`;
    problems.push(`${path}.extends: no built-in provider is called ${JSON.stringify(base)}; ${hint}`);
    return null;
  }
  return {
    ...inherited,
    title: path.slice("providers.".length),
    ...own,
    ...joined("screens", own, inherited),
    ...joined("signals", own, inherited),
  };
}

function joined(key: string, own: object, inherited: object): Record<string, unknown> {
  const lists = [own, inherited].map((each) => Object.entries(each).find(([name]) => name === key)?.[1]);
  return lists.every(Array.isArray) ? { [key]: lists.flat() } : {};
}
