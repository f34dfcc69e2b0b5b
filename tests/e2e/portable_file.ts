/**
 * Portable files for tests of their header: a small one, whose Deno is a shell script that says how it was started, and the folders
 * that headers unpack to. The small one is packed as the real one is; it unpacks in milliseconds.
 * @module
 */
import { packPortable } from "../../scripts/build/portable.ts";
import { RUN_FLAGS } from "../../scripts/build/permissions.ts";
import { TempFolder } from "./harness.ts";

/** Shells that run the header on users' machines, as `sh` or by name. */
export const SHELLS: Readonly<Record<string, readonly string[]>> = {
  dash: ["dash"],
  bash: ["bash"],
  "bash as sh": ["bash", "--posix"],
  "busybox ash": ["busybox", "ash"],
  zsh: ["zsh"],
  ksh: ["ksh"],
  mksh: ["mksh"],
};

/** Says its words after the flags, one a line, then the values of DENO_DIR and of SEEN. */
const FAKE_DENO = `#!/bin/sh
case $1 in
  --version) echo fake ;;
  run) shift ${RUN_FLAGS.length + 2}; printf '%s\\n' "$@" "dir=$DENO_DIR" "seen=\${SEEN-}" ;;
esac
`;

/** What a small portable file unpacks. */
export const SMALL_FILES = ["app/chunk-1.js", "app/portable_main.js", "app/static/app.css", "deno"] as const;

/** Writes a small portable file to `path`. */
export async function writeSmallPortable(path: string): Promise<void> {
  using folder = new TempFolder();
  await Deno.mkdir(`${folder.path}/app/static`, { recursive: true });
  await Deno.writeTextFile(`${folder.path}/deno`, FAKE_DENO);
  for (const name of SMALL_FILES.slice(0, 3)) {
    await Deno.writeTextFile(`${folder.path}/${name}`, `/* ${name} */`);
  }
  const bytes = await packPortable({
    app: `${folder.path}/app`,
    deno: `${folder.path}/deno`,
    version: "0.0.0",
    target: Deno.build.target,
    flags: RUN_FLAGS,
  });
  await Deno.writeFile(path, bytes, { mode: 0o755 });
}

/** Behind it stands gzip's own mark. */
const HEADER_END = "\n}\n\x1f";

/** The header of a portable file. */
export async function readHeader(path: string): Promise<string> {
  return new TextDecoder("latin1").decode(await Deno.readFile(path)).split(HEADER_END)[0] ?? "";
}

/** Replaces `from` in the header by `to`, of the same length, so that the archive stays where it is. */
export async function editHeader(path: string, from: string, to: string): Promise<void> {
  if (from.length !== to.length) throw new TypeError("not of the same length");
  const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
  if (!text.includes(from)) throw new TypeError(`no ${from} in the header`);
  const edited = Uint8Array.from(text.replaceAll(from, () => to), (letter) => letter.charCodeAt(0) & 0xff);
  const original = await Deno.readFile(path);
  // latin1 of the encoding standard is windows-1252: only what is ASCII is taken from the text.
  const end = text.indexOf(HEADER_END);
  original.set(edited.subarray(0, end));
  await Deno.writeFile(path, original);
}

/** Names in a folder, sorted; empty when it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

/** The one folder that was unpacked in `cache`, once nothing else is there. @throws when there is none, or anything beside it */
export function onlyUnpacked(cache: string): string {
  const names = namesIn(cache);
  if (names.length !== 1 || !/^[0-9a-f]{32}$/.test(names[0] ?? "")) {
    throw new Error(`in ${cache}: ${names.join(", ") || "nothing"}`);
  }
  return `${cache}/${names[0]}`;
}
