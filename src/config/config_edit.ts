/** Changes one setting in `config.jsonc` and leaves everything else in it, comments too, as it is. @module */

import { resolve } from "node:path";
import { KmError } from "../core/error.ts";
import { checkSetting } from "./config.ts";
import { loadJsonEditor } from "./json_editor.ts";
import { parseJsonc } from "./jsonc.ts";
import { kmPaths } from "./paths.ts";
import type { Setting } from "./settings.ts";

const NEW_FILE = `// Settings of km. "km config show" lists all of them, with where each value comes from.
{}
`;

/** Writes `given` as the value of `setting` into the config file; undefined takes it out. @throws {KmError} usage, store_unavailable */
export async function saveSetting(
  setting: Setting,
  given: string | undefined,
  path: string = kmPaths().config,
): Promise<void> {
  if (given !== undefined) checkSetting(setting, given);
  const text = given === undefined ? undefined : placeOf(setting, given);
  const before = readOrNew(path);
  refuseBroken(path, before);
  const { applyEdits, modify } = await loadJsonEditor();
  const edits = modify(
    before,
    setting.key.split("."),
    text === undefined ? undefined : jsonValue(setting, text),
    {
      formattingOptions: { insertSpaces: true, tabSize: 2 },
    },
  );
  replaceFile(path, applyEdits(before, edits));
}

/** As it holds wherever km is called from. What would be refused when it is used is refused now. */
function placeOf({ key, place }: Setting, text: string): string {
  if (place === undefined || text === "none" || text === "") return text;
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  if (!isAddress && place === "https or folder") return resolve(text);
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" ||
    (url?.protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname));
  const isPlain = place === "https" || (url?.search === "" && url.hash === "");
  if (isSafe && isPlain && url.username === "" && url.password === "") return text;
  throw new KmError("usage", `Cannot set ${key} to "${text}": it is no https address`, {
    hint: `${place === "https" ? "" : "a folder, or "}an address by https; http only on this machine`,
  });
}

function readOrNew(path: string): string {
  try {
    const text = Deno.readTextFileSync(path);
    return text.trim() === "" ? NEW_FILE : text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NEW_FILE;
    throw new KmError("store_unavailable", `Cannot read "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function refuseBroken(path: string, text: string): void {
  try {
    parseJsonc(text);
  } catch (error) {
    throw new KmError("usage", `Cannot change "${path}": ${(error as Error).message}`, {
      hint: "mend the file by hand, or remove it",
      cause: error,
    });
  }
}

/** What a person would write into JSON: numbers as numbers, no bound as null, all else as text. */
function jsonValue(setting: Setting, text: string): string | number | null {
  if (setting.type === "number") return Number(text);
  return setting.type === "size-or-none" && text === "none" ? null : text;
}

/** The old file or the new one is there, never half of one. */
function replaceFile(path: string, text: string): void {
  try {
    Deno.mkdirSync(path.replace(/[\\/][^\\/]*$/, ""), { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(`${path}.new`, text, { mode: 0o600 });
    Deno.renameSync(`${path}.new`, path);
  } catch (error) {
    throw new KmError("store_unavailable", `Cannot write "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}
