/** From the words that were typed to the values of a command's flags. @module */

import { settingText } from "../config/config.ts";
import { readEnv } from "../config/environment.ts";
import { settingOf } from "../config/settings.ts";
import { systemClock } from "../core/clock.ts";
import { parseDuration, parseTime } from "../core/duration.ts";
import { KmError } from "../core/error.ts";
import { parseSize } from "../core/size.ts";
import { suggest } from "../core/suggest.ts";
import { type Command, type Flag, HELP_FLAG } from "./command.ts";

/** What a command line says. */
export interface Parsed {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
  /** True when `--help` was there: nothing else was checked. */
  readonly help: boolean;
}

/** Parses what follows the command's name. @throws {KmError} usage */
export function parseFlags(command: Command, argv: readonly string[]): Parsed {
  const typed = new Map<Flag, readonly string[]>();
  const words: string[] = [];
  let at = 0;
  while (at < argv.length) {
    const word = argv[at++] as string;
    if (word === "--") {
      words.push(...argv.slice(command.keepsSeparator ? at - 1 : at));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      words.push(word);
      if (!command.passthrough) continue;
      words.push(...argv.slice(at));
      break;
    }
    if (command.passthrough && word === "--server") {
      // The separator word of the original km: `km monitor --server -- npx …`.
      words.push(...argv.slice(argv[at] === "--" ? at + 1 : at));
      break;
    }
    const { flag, inline } = findFlag(command, word);
    if (flag === HELP_FLAG) return { flags: {}, words: [], help: true };
    if (flag.type === "boolean") {
      typed.set(flag, [inline ?? "true"]);
    } else {
      const value = inline ?? argv[at++];
      if (value === undefined || (inline === undefined && value === "--")) throw missingValue(command, flag);
      if (value === "") throw emptyValue(command, flag);
      typed.set(flag, [...flag.type === "list" ? typed.get(flag) ?? [] : [], value]);
    }
  }
  checkWords(command, words);
  return { flags: readValues(command.flags, typed), words, help: false };
}

type SingleFlag = Exclude<Flag, { type: "list" }>;

function findFlag(command: Command, word: string): { flag: Flag; inline: string | undefined } {
  const flags = [...command.flags, HELP_FLAG];
  if (!word.startsWith("--")) {
    const flag = flags.find((flag) => flag.short === word[1]);
    if (!flag) throw unknownFlag(command, word);
    return { flag, inline: word.length > 2 ? word.slice(word[2] === "=" ? 3 : 2) : undefined };
  }
  const equals = word.indexOf("=");
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const flag = flags.find((flag) => flag.name === name);
  if (!flag) throw unknownFlag(command, `--${name}`);
  return { flag, inline: equals < 0 ? undefined : word.slice(equals + 1) };
}

function readValues(
  flags: readonly Flag[],
  typed: ReadonlyMap<Flag, readonly string[]>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const flag of flags) {
    values[camelCase(flag.name)] = valueOf(flag, typed.get(flag) ?? []);
  }
  return values;
}

function valueOf(flag: Flag, typed: readonly string[]): unknown {
  if (flag.type === "list") return typed;
  const text = typed[0];
  return text === undefined ? fallback(flag) : readValue(flag, text, `--${flag.name}`);
}

/** The value of a flag that was not typed: environment, config file, default. */
function fallback(flag: SingleFlag): unknown {
  if (flag.setting !== undefined) {
    // The file and the environment are checked where they are read (config.ts), so that a mistake in them never stops `km monitor`.
    return readValue(flag, settingText(settingOf(flag.setting)), settingOf(flag.setting).key);
  }
  const fromEnv = flag.env === undefined ? undefined : readEnv(flag.env);
  if (fromEnv !== undefined) return readValue(flag, fromEnv, flag.env as string);
  if (flag.type === "boolean") return false;
  return flag.default === undefined ? undefined : readValue(flag, flag.default, `--${flag.name}`);
}

function readValue(flag: SingleFlag, text: string, source: string): unknown {
  try {
    return parseValue(flag, text);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    throw new KmError("usage", `${error.message} (${source})`, {
      ...(error.hint && { hint: error.hint }),
      cause: error,
    });
  }
}

function parseValue(flag: SingleFlag, text: string): unknown {
  switch (flag.type) {
    case "string":
      return text;
    case "boolean":
      return parseBoolean(text);
    case "number":
      return parseCount(text);
    case "size":
      return parseSize(text);
    case "duration":
      return parseDuration(text);
    case "time":
      return parseTime(text, systemClock.nowUs());
    case "choice":
      return parseChoice(flag.choices, text);
  }
}

function parseBoolean(text: string): boolean {
  if (/^(true|on|yes|1)$/i.test(text)) return true;
  if (/^(false|off|no|0)$/i.test(text)) return false;
  throw new KmError("usage", `Cannot read "${text}" as true or false`);
}

function parseCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new KmError("usage", `Cannot read "${text}" as a whole number`, { hint: "write digits only: 50" });
}

function parseChoice(choices: readonly string[], text: string): string {
  if (choices.includes(text)) return text;
  const near = suggest(text, choices);
  throw new KmError("usage", `"${text}" is not a choice`, {
    hint: near === undefined
      ? `one of: ${choices.join(", ")}`
      : `did you mean "${near}"? One of: ${choices.join(", ")}`,
  });
}

function checkWords(command: Command, words: readonly string[]): void {
  if (command.passthrough) return; // monitor itself says what is missing
  const [least, most] = command.words ?? [0, 0];
  const first = words[0];
  if (words.length > most) {
    const extra = words[most];
    throw new KmError(
      "usage",
      `Unexpected word "${extra}" after "km ${[command.name, ...words.slice(0, most)].join(" ")}"`,
      {
        hint: `see "km ${command.name} --help"`,
      },
    );
  }
  if (words.length < least) {
    throw new KmError("usage", `"km ${command.name}" needs ${command.usage}`, {
      hint: `see "km ${command.name} --help"`,
    });
  }
  if (first !== undefined && command.wordChoices && !command.wordChoices.includes(first)) {
    const near = suggest(first, command.wordChoices);
    throw new KmError("usage", `Cannot "km ${command.name} ${first}": unknown word "${first}"`, {
      hint: near ? `did you mean "${near}"?` : `one of: ${command.wordChoices.join(", ")}`,
    });
  }
}

function missingValue(command: Command, flag: Flag): KmError {
  return new KmError("usage", `Flag --${flag.name} needs a value`, {
    hint: `see "km ${command.name} --help"`,
  });
}

/** An empty value is a variable of a script that was not set; to take it as a name would hide that. */
function emptyValue(command: Command, flag: Flag): KmError {
  return new KmError("usage", `Flag --${flag.name} needs a value that is not empty`, {
    hint: `see "km ${command.name} --help"`,
  });
}

function unknownFlag(command: Command, typed: string): KmError {
  const near = suggest(typed.replace(/^-+/, ""), [...command.flags, HELP_FLAG].map((flag) => flag.name));
  const separate = command.passthrough
    ? `; flags of the server go after "--"`
    : command.keepsSeparator
    ? `; flags of the program go after "--"`
    : "";
  return new KmError("usage", `Unknown flag "${typed}" of "km ${command.name}"`, {
    hint: near ? `did you mean "--${near}"?` : `see "km ${command.name} --help"${separate}`,
  });
}

/** `buffer-size` → `bufferSize`. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
