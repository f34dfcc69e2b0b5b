/**
 * `deno task install`: puts a `km` command that runs this checkout into `~/.km/bin` (or the folder given).
 *
 * The command names Deno and the checkout by their full paths, because programs started from a desktop have a shorter PATH than a terminal.
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

const FLAGS = "run --allow-all --no-prompt --no-lock --quiet";

if (import.meta.main) {
  const home = Deno.env.get("KM_HOME") ?? `${Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE")}/.km`;
  const folder = Deno.args[0] ?? `${home}/bin`;
  await Deno.mkdir(folder, { recursive: true });
  const windows = Deno.build.os === "windows";
  const path = `${folder}/${windows ? "km.cmd" : "km"}`;
  await Deno.writeTextFile(path, windows ? windowsCommand() : unixCommand());
  if (!windows) await Deno.chmod(path, 0o755);
  const lines = [
    `installed ${path}`,
    `it runs ${ROOT}main.ts with ${Deno.execPath()}`,
    `to undo: delete ${path}`,
  ];
  await Deno.stdout.write(new TextEncoder().encode(lines.join("\n") + "\n"));
}

function unixCommand(): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh\nexec ${quote(Deno.execPath())} ${FLAGS} --config ${quote(`${ROOT}deno.json`)} ${
    quote(`${ROOT}main.ts`)
  } "$@"\n`;
}

function windowsCommand(): string {
  return `@"${Deno.execPath()}" ${FLAGS} --config "${ROOT}deno.json" "${ROOT}main.ts" %*\r\n`;
}
