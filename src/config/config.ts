/** Settings from where they are set: environment, then `config.jsonc` in KM_HOME, then the default. @module */

import { parseDuration } from "../core/duration.ts";
import { KmError } from "../core/error.ts";
import { parseSize } from "../core/size.ts";
import { suggest } from "../core/suggest.ts";
import { type ReadEnv, readEnv } from "./environment.ts";
import { parseJsonc } from "./jsonc.ts";
import { kmPaths } from "./paths.ts";
import {
  findSetting,
  type KnownSetting,
  type Setting,
  type SettingKey,
  settingOf,
  SETTINGS,
} from "./settings.ts";

/** Where a value came from. */
export type Source = "environment" | "file" | "default";

/** A setting's value as text, and where it came from. */
export interface SettingValue {
  readonly text: string;
  readonly source: Source;
}

/** What the config file says, and what is wrong with it. */
export interface ConfigFile {
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
  /** The problem that leaves open how long events are to be kept; null when there is none, or what held before goes on to hold. */
  readonly retentionProblem: string | null;
  /** The user's providers of sessions as they stand there: no settings, and read elsewhere (`sessions/providers`). Undefined: none. */
  readonly providers?: unknown;
}

/** How long and how much is kept. */
export interface Retention {
  /** 0: for ever. */
  readonly days: number;
  /** Null: no bound by size. */
  readonly maxBytes: number | null;
}

/** What reading settings depends on. */
export interface ConfigOptions {
  readonly env?: ReadEnv;
  readonly file?: ConfigFile;
}

/** What a file says that is not there. */
export const NO_FILE: ConfigFile = { values: new Map(), problems: [], retentionProblem: null };
/** The key of the file that is no setting. */
const PROVIDERS = "providers";
const RETENTION: readonly KnownSetting[] = SETTINGS.filter(({ key }) => key.startsWith("retention."));

let loaded: ConfigFile | undefined;

/** Returns a setting's value. A value that cannot be read counts as not set: a broken file never stops anything. */
export function settingValue(setting: Setting, options: ConfigOptions = {}): SettingValue {
  const { env = readEnv, file = loaded ??= readConfigFile() } = options;
  const fromEnv = env(setting.env);
  if (fromEnv !== undefined && settingProblem(setting, fromEnv) === undefined) {
    return { text: fromEnv, source: "environment" };
  }
  const fromFile = file.values.get(setting.key);
  if (fromFile !== undefined) return { text: fromFile, source: "file" };
  return { text: setting.default, source: "default" };
}

/** Returns a setting's value as text that its type can read. */
export function settingText(setting: Setting): string {
  return settingValue(setting).text;
}

/** What is wrong with the environment variables of settings. */
export function environmentProblems(env: ReadEnv = readEnv): string[] {
  return SETTINGS.flatMap((setting) => {
    const text = env(setting.env);
    const problem = text === undefined ? undefined : settingProblem(setting, text);
    return problem === undefined ? [] : [`${setting.env}: ${problem}`];
  });
}

/**
 * How long and how much is kept; null while that cannot be told. Then everything is: what somebody meant to keep must not go by a default
 * because of a slip of the pen.
 */
export function retention(options: ConfigOptions = {}): Retention | null {
  if (retentionProblem(options) !== null) return null;
  const text = (key: SettingKey) => settingValue(settingOf(key), options).text;
  const maxBytes = text("retention.maxBytes");
  return { days: Number(text("retention.days")), maxBytes: maxBytes === "none" ? null : parseSize(maxBytes) };
}

/** How long and how much is kept, for who is to delete by it. @throws {KmError} usage while that cannot be told */
export function requireRetention(options: ConfigOptions = {}): Retention {
  const known = retention(options);
  if (known !== null) return known;
  throw new KmError("usage", `Cannot prune as the settings say: ${retentionProblem(options)}`, {
    hint: 'mend it ("km doctor" names all problems), or say yourself what goes, as with --older-than 7d',
  });
}

/** Why it cannot be told how long and how much is kept; null when it can. */
export function retentionProblem(options: ConfigOptions = {}): string | null {
  const { env = readEnv, file = loaded ??= readConfigFile() } = options;
  const texts = RETENTION.map((setting) => env(setting.env));
  const [inEnv] = RETENTION.flatMap((setting, at) => {
    const problem = texts[at] === undefined ? undefined : settingProblem(setting, texts[at]);
    return problem === undefined ? [] : [`${setting.env}: ${problem}`];
  });
  if (inEnv !== undefined) return inEnv;
  // Where the environment says all of it, the file has no say.
  return texts.includes(undefined) ? file.retentionProblem : null;
}

/**
 * Reads the config file anew; one that is missing says nothing, one that is broken says what is wrong. Values that cannot be read stay as
 * they were `before`, when there was a before.
 */
export function readConfigFile(
  path: string = kmPaths().config,
  before: ConfigFile | null = null,
): ConfigFile {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NO_FILE;
    return unreadable(`Cannot read "${path}": ${(error as Error).message}`, before);
  }
  return parseConfig(text, before);
}

/** Reads the text of a config file. Each setting stands alone: what is wrong with one does not spoil the others. */
export function parseConfig(text: string, before: ConfigFile | null = null): ConfigFile {
  const values = new Map<string, string>();
  const problems: string[] = [];
  let retentionProblem: string | null = null;
  let providers: { providers?: unknown } = {};
  try {
    const { rest, ...others } = withoutProviders(parseJsonc(text));
    providers = others;
    for (const [key, value] of flatten(rest)) {
      const setting = findSetting(key);
      const problem = setting ? settingProblem(setting, value) : unknownSetting(key).message;
      if (problem !== undefined) problems.push(problem);
      if (problem !== undefined && mayConcernRetention(key)) retentionProblem ??= problem;
      const readable = problem === undefined ? value : before?.values.get(key);
      if (readable !== undefined) values.set(key, readable);
    }
  } catch (error) {
    return unreadable((error as Error).message, before);
  }
  if (retentionProblem === null || before === null || before.retentionProblem !== null) {
    return { values, problems, retentionProblem, ...providers };
  }
  // A key that is misspelt may stand for any that is missing: that stays as it was.
  for (const { key } of RETENTION) {
    const held = before.values.get(key);
    if (held !== undefined && !values.has(key)) values.set(key, held);
  }
  return { values, problems, retentionProblem: null, ...providers };
}

/** A file of which nothing can be read. */
function unreadable(problem: string, before: ConfigFile | null): ConfigFile {
  const isKnown = before !== null && before.retentionProblem === null;
  return {
    values: before?.values ?? new Map(),
    problems: [problem],
    retentionProblem: isKnown ? null : problem,
    ...before?.providers === undefined ? {} : { providers: before.providers },
  };
}

/** True also for keys that no setting has, when they look as if they were meant so. */
function mayConcernRetention(key: string): boolean {
  return /^retention/i.test(key) || nearestKey(key)?.startsWith("retention.") === true;
}

function nearestKey(key: string): string | undefined {
  return suggest(key, SETTINGS.map((setting) => setting.key));
}

/** Says what is wrong with `text` as a value of `setting`; undefined when nothing is. */
export function settingProblem(setting: Setting, text: string): string | undefined {
  try {
    checkSetting(setting, text);
    return undefined;
  } catch (error) {
    return `${(error as Error).message} (${setting.key})`;
  }
}

/** Checks that `text` can be a value of `setting`. @throws {KmError} usage when it cannot */
export function checkSetting(setting: Setting, text: string): void {
  switch (setting.type) {
    case "size":
      checkLeast(setting, text, parseSize(text));
      return;
    case "size-or-none":
      if (text !== "none") parseSize(text);
      return;
    case "duration":
      parseDuration(text);
      return;
    case "number":
      if (!/^\d{1,9}$/.test(text)) {
        throw new KmError("usage", `Cannot read "${text}" as a whole number`, {
          hint: "write digits only: 50",
        });
      }
      checkLeast(setting, text, Number(text));
      return;
    case "choice":
      if (!setting.choices?.includes(text)) {
        throw new KmError("usage", `"${text}" is not one of ${setting.choices?.join(", ")}`);
      }
  }
}

function checkLeast({ least = 0 }: Setting, text: string, value: number): void {
  if (value >= least) return;
  throw new KmError("usage", `"${text}" is too small`, { hint: `the least is ${least}` });
}

/** The error for a key that no setting has. */
export function unknownSetting(key: string): KmError {
  const near = nearestKey(key);
  return new KmError("usage", `Unknown setting "${key}"`, {
    hint: near ? `did you mean "${near}"?` : `"km config show" lists all settings`,
  });
}

/** What a config file holds beside the user's providers, and these. */
function withoutProviders(value: unknown): { readonly rest: unknown; readonly providers?: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !(PROVIDERS in value)) {
    return { rest: value };
  }
  const { providers, ...rest } = value;
  return { rest, providers };
}

/** `{retention: {days: 7}}` → `retention.days` = "7". Numbers, booleans and null become the words a user would type. */
function* flatten(value: unknown, prefix = ""): Generator<[string, string]> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) {
      yield* flatten(inner, prefix === "" ? key : `${prefix}.${key}`);
    }
  } else if (prefix === "") {
    throw new KmError("usage", "The config file must hold an object");
  } else {
    yield [prefix, configText(value)];
  }
}

function configText(value: unknown): string {
  if (value === null) return "none";
  if (value === true) return "on";
  if (value === false) return "off";
  return typeof value === "string" ? value : JSON.stringify(value);
}
