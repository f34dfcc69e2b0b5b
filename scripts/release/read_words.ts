/** Reads the words behind a verb of `scripts/release.ts`. @module */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { refusal } from "./refusal.ts";

type Flags = NonNullable<ParseArgsConfig["options"]>;

/** The flags that were given, and the other words. */
export interface Words {
  readonly text: Readonly<Record<string, string | undefined>>;
  readonly on: Readonly<Record<string, boolean | undefined>>;
  readonly words: readonly string[];
}

/** Reads flags with a value (`texts`) and without one (`switches`). @throws {KmError} usage */
export function readWords(
  verb: string,
  argv: readonly string[],
  flags: {
    readonly texts: readonly string[];
    readonly switches?: readonly string[];
    readonly words?: number;
  },
): Words {
  const hint = `see "deno run -A scripts/release.ts --help"`;
  const options: Flags = Object.fromEntries([
    ...flags.texts.map((name) => [name, { type: "string" }] as const),
    ...(flags.switches ?? []).map((name) => [name, { type: "boolean" }] as const),
  ]);
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [message = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw refusal(`Cannot ${verb}: ${message.replace(/^./, (first) => first.toLowerCase())}`, hint);
  }
  const count = flags.words ?? 0;
  if (parsed.positionals.length !== count) {
    const wanted = count === 0 ? "takes no words, only flags" : "takes one folder";
    throw refusal(`Cannot ${verb}: it ${wanted}, and was given ${parsed.positionals.length}`, hint);
  }
  const values = Object.entries(parsed.values);
  return {
    text: Object.fromEntries(
      values.flatMap(([name, value]) => typeof value === "string" ? [[name, value]] : []),
    ),
    on: Object.fromEntries(
      values.flatMap(([name, value]) => typeof value === "boolean" ? [[name, value]] : []),
    ),
    words: parsed.positionals,
  };
}

/** A count of days, or undefined when none was given. @throws {KmError} usage */
export function readDays(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,3}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw refusal(
    `Cannot use "${text}" as --valid-days: it is no number of days`,
    "give one from 1 to 9999",
  );
}

/** An address of a folder, without its last slash. @throws {KmError} usage */
export function readFolderUrl(flag: string, text: string): string {
  const url = text.replace(/\/+$/, "");
  if (/^https?:\/\/[A-Za-z0-9._~:/[\]@%+-]+$/.test(url) && URL.canParse(url)) return url;
  throw refusal(
    `Cannot use "${text}" as --${flag}: it is no address of a folder`,
    "give one as https://example.org/km",
  );
}
