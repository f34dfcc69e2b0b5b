/**
 * What a command and a flag are. Each command is one record in one file of `commands/`; help text, completions, COMMANDS.md
 * and the checks of what the user typed all come from these records.
 *
 * The parser is our own (`flags.ts`, about 200 lines) and not `@stricli/core`: `km monitor` starts in front of every server, so its
 * path loads no package (start-up bar: 60 ms over a plain spawn), and the drop-in grammar (flags end at the first word
 * of somebody else's command line) is one that neither stricli nor `node:util` parseArgs can express.
 * @module
 */

import type { SettingKey } from "../config/settings.ts";

interface FlagBase {
  /** Long name without dashes, in kebab-case. */
  readonly name: string;
  /** One letter for `-x`. */
  readonly short?: string;
  readonly help: string;
  /**
   * The setting that gives the value when the flag is not there: its environment variable, then the config file, then its default.
   * Such a flag has no `default` of its own.
   */
  readonly setting?: SettingKey;
  /** Environment variable that gives the value when the flag is not there. A setting names its own. */
  readonly env?: string;
}

/** Given or not; `--flag=false` takes it back. */
export interface BooleanFlag extends FlagBase {
  readonly type: "boolean";
}

/** Words that stand for a value. `default` is written as the user would write it. */
export interface ValueFlag extends FlagBase {
  /**
   * `size`: bytes from `2MB`; `duration`: ms from `2s`; `time`: µs since the Unix epoch from `10m` (ago), `today`, an ISO date or time.
   */
  readonly type: "string" | "number" | "size" | "duration" | "time";
  readonly default?: string;
  /** What stands for the value in help (`<n>`); the type's name when absent. */
  readonly placeholder?: string;
}

/** One of a closed set of words. */
export interface ChoiceFlag extends FlagBase {
  readonly type: "choice";
  readonly choices: readonly string[];
  readonly default?: string;
}

/** May be given several times; its value is all of them, in order. */
export interface ListFlag extends FlagBase {
  readonly type: "list";
  /** What stands for one value in help (`<n>`). */
  readonly placeholder: string;
}

export type Flag = BooleanFlag | ValueFlag | ChoiceFlag | ListFlag;

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

type TypeValue<F extends Flag> = F extends ChoiceFlag ? F["choices"][number]
  : F["type"] extends "boolean" ? boolean
  : F["type"] extends "list" ? readonly string[]
  : F["type"] extends "string" ? string
  : number;

type FlagValue<F extends Flag> = F extends
  { type: "boolean" } | { type: "list" } | { default: string } | { setting: string } ? TypeValue<F>
  : TypeValue<F> | undefined;

/** Values of parsed flags by camel-case name: `--buffer-size 2MB` is `bufferSize: 2_000_000`. */
export type FlagValues<Flags extends readonly Flag[]> = {
  readonly [F in Flags[number] as Camel<F["name"]>]: FlagValue<F>;
};

/** Loads one command. */
export type Loader = () => Promise<{ readonly command: Command }>;

/** Commands by their last word, by heading of help. */
export type CommandGroups = Readonly<Record<string, Readonly<Record<string, Loader>>>>;

/** One command. Made by `command()`, so that `run` knows the types of its own flags. */
export interface Command {
  /** As it is typed behind `km`: `events`, `plugins install`. */
  readonly name: string;
  /** One line, no period, verb first: what the list of commands says. */
  readonly summary: string;
  /** What follows the flags in the usage line: `<id>`, `[--server] -- <command> [args…]`. */
  readonly usage?: string;
  /** How many words besides flags it takes, [least, most]; default none. */
  readonly words?: readonly [number, number];
  /** The first words allowed, where it is a closed set; completions offer them. */
  readonly wordChoices?: readonly string[];
  /** What its first word names, where only this home knows: completions ask while they are typed. */
  readonly wordNames?: "plugins" | "sessions";
  /** Commands below this one, by heading of its help. `run` is for who names none of them. */
  readonly subcommands?: CommandGroups;
  /** Commands below this one that km itself runs: no help, completion or suggestion names them. */
  readonly internal?: Readonly<Record<string, Loader>>;
  /** True for monitor: from the first word on, everything belongs to the server's command line. */
  readonly passthrough?: boolean;
  /** `--` stays among the words: what stands before it and behind it are different things. */
  readonly keepsSeparator?: boolean;
  /** A paragraph of help beyond the summary. */
  readonly details?: string;
  readonly flags: readonly Flag[];
  /** [what is typed, what it does] */
  readonly examples: readonly (readonly [string, string])[];
  /** Fields of `--json` output and what they mean. A stable contract: append, never rename. */
  readonly json?: Readonly<Record<string, string>>;
  /** Runs it; returns the exit code. @throws {KmError} for `main` to print */
  run(flags: Readonly<Record<string, unknown>>, words: readonly string[]): Promise<number> | number;
}

/** A command as its file writes it. */
export interface CommandRecord<Flags extends readonly Flag[]> extends Omit<Command, "run" | "flags"> {
  readonly flags: Flags;
  run(flags: FlagValues<Flags>, words: readonly string[]): Promise<number> | number;
}

/** Checks a command's record at compile time. */
export function command<const Flags extends readonly Flag[]>(record: CommandRecord<Flags>): Command {
  // `run` gets exactly what parseFlags made of `flags`, which is what FlagValues<Flags> says.
  return record as unknown as Command;
}

/** Every command has it; handled before `run`. */
export const HELP_FLAG: BooleanFlag = { name: "help", short: "h", type: "boolean", help: "Show this help" };
