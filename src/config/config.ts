/** Settings from where they are set: environment, then `config.jsonc` in KM_HOME, then the default. @module */

import { parseDuration } from "../core/duration.ts";
import { KmError } from "../core/error.ts";
import { parseSize } from "../core/size.ts";
import { suggest } from "../core/suggest.ts";
import { type ReadEnv, readEnv } from "./environment.ts";
import { parseJsonc } from "./jsonc.ts";
import { kmPaths } from "./paths.ts";
import { findSetting, type Setting, type SettingKey, settingOf, SETTINGS } from "./settings.ts";

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
}

/** What reading settings depends on. */
export interface ConfigOptions {
  readonly env?: ReadEnv;
  readonly file?: ConfigFile;
}

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

/** How long and how much is kept. */
export function retention(
  options: ConfigOptions = {},
): { readonly days: number; readonly maxBytes: number | null } {
  const text = (key: SettingKey) => settingValue(settingOf(key), options).text;
  const maxBytes = text("retention.maxBytes");
  return { days: Number(text("retention.days")), maxBytes: maxBytes === "none" ? null : parseSize(maxBytes) };
}

/**
 * Reads the config file anew; one that is missing says nothing, one that is broken says what is wrong. Values that cannot be read stay as
 * they were `before`.
 */
export function readConfigFile(
  path: string = kmPaths().config,
  before: ConfigFile["values"] = new Map(),
): ConfigFile {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { values: new Map(), problems: [] };
    return { values: before, problems: [`Cannot read "${path}": ${(error as Error).message}`] };
  }
  return parseConfig(text, before);
}

/** Reads the text of a config file. Each setting stands alone: what is wrong with one does not spoil the others. */
export function parseConfig(text: string, before: ConfigFile["values"] = new Map()): ConfigFile {
  const values = new Map<string, string>();
  const problems: string[] = [];
  try {
    for (const [key, value] of flatten(parseJsonc(text))) {
      const setting = findSetting(key);
      const problem = setting ? settingProblem(setting, value) : unknownSetting(key).message;
      if (problem !== undefined) problems.push(problem);
      const readable = problem === undefined ? value : before.get(key);
      if (readable !== undefined) values.set(key, readable);
    }
  } catch (error) {
    return { values: before, problems: [(error as Error).message] };
  }
  return { values, problems };
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
      parseSize(text);
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
      return;
    case "choice":
      if (!setting.choices?.includes(text)) {
        throw new KmError("usage", `"${text}" is not one of ${setting.choices?.join(", ")}`);
      }
  }
}

/** The error for a key that no setting has. */
export function unknownSetting(key: string): KmError {
  const near = suggest(key, SETTINGS.map((setting) => setting.key));
  return new KmError("usage", `Unknown setting "${key}"`, {
    hint: near ? `did you mean "${near}"?` : `"km config show" lists all settings`,
  });
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
