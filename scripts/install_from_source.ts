/**
 * `deno task install`: puts a `km` command that runs this checkout into `~/.km/bin` (or the folder given).
 *
 * The command names Deno and the checkout by their full paths, because programs started from a desktop have a shorter PATH than a terminal.
 * A Deno that came with `npx` lies in npm's cache and goes with it: then the one on PATH does, else npx fetches it again.
 * @module
 */
import { delimiter, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readEnv } from "../src/config/environment.ts";
import { kmPaths } from "../src/config/paths.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const FLAGS = "run --allow-all --no-prompt --no-lock --quiet";
const WINDOWS = Deno.build.os === "windows";

if (import.meta.main) {
  const lines = await install(Deno.args[0]);
  await Deno.stdout.write(new TextEncoder().encode(lines.join("\n") + "\n"));
}

/** Writes the command into `folder` and returns what to tell. */
async function install(folder: string | undefined): Promise<string[]> {
  const { home } = kmPaths();
  const bin = resolve(folder ?? `${home}/bin`);
  // What is recorded will lie there: nobody else's business.
  if (folder === undefined) await Deno.mkdir(home, { recursive: true, mode: 0o700 });
  await Deno.mkdir(bin, { recursive: true });
  const path = resolve(bin, WINDOWS ? "km.cmd" : "km");
  const target = { deno: Deno.execPath(), version: Deno.version.deno, root: ROOT };
  await Deno.writeTextFile(path, WINDOWS ? windowsCommand(target) : unixCommand(target));
  if (!WINDOWS) await Deno.chmod(path, 0o755);
  const onPath = (readEnv("PATH") ?? "").split(delimiter).includes(bin);
  return [
    `installed ${path}`,
    `it runs ${ROOT}main.ts with ${target.deno}`,
    ...(onPath ? [] : [`to have it as "km": ${pathLine(bin)}`]),
    `to undo: delete ${path}`,
  ];
}

/** What the command runs. */
export interface Target {
  /** The Deno that installed it. */
  readonly deno: string;
  readonly version: string;
  /** The checkout, with a slash at its end. */
  readonly root: string;
}

/** The command as a script for `sh`. */
export function unixCommand({ deno, version, root }: Target): string {
  const words = `${FLAGS} --config ${quoted(`${root}deno.json`)} ${quoted(`${root}main.ts`)} "$@"`;
  return `#!/bin/sh
deno=${quoted(deno)}
[ -x "$deno" ] || deno=$(command -v deno) || exec npx -y deno@${version} ${words}
exec "$deno" ${words}
`;
}

/** The command as a batch file. A % in a path is written twice; `call` because npm's commands are batch files too. */
export function windowsCommand({ deno, version, root }: Target): string {
  const path = (text: string) => `"${text.replaceAll("%", "%%")}"`;
  const words = `${FLAGS} --config ${path(`${root}deno.json`)} ${path(`${root}main.ts`)} %*`;
  return [
    "@echo off",
    `if exist ${path(deno)} goto installed`,
    "where /q deno && goto path",
    `call npx -y deno@${version} ${words}`,
    "exit /b %errorlevel%",
    ":path",
    `call deno ${words}`,
    "exit /b %errorlevel%",
    ":installed",
    `${path(deno)} ${words}`,
    "",
  ].join("\r\n");
}

/** What puts `bin` on PATH, for the shell's start-up file. */
function pathLine(bin: string): string {
  return WINDOWS ? `add ${bin} to Path in your environment variables` : `export PATH=${quoted(bin)}:"$PATH"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
