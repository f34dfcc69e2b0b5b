import { deepStrictEqual, equal, match } from "node:assert/strict";
import { TempFolder } from "../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../tests/skip.ts";
import { type Target, unixCommand, windowsCommand } from "./install_from_source.ts";

const TARGET: Target = { deno: "/gone/deno", version: "2.9.6", root: "/srv/it's km/" };
const WORDS =
  "run --allow-all --no-prompt --no-lock --quiet --config /srv/it's km/deno.json /srv/it's km/main.ts a b";
const unix = unlessOs("linux", "darwin");

async function run(path: string, args: string[], env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(path, { args, env, clearEnv: true }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function writeProgram(path: string, text: string): Promise<string> {
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, 0o755);
  return path;
}

testUnless(unix, "deno task install puts a km that runs, into a home for its user alone", async () => {
  using folder = new TempFolder();
  const home = `${folder.path}/home`;
  const env = { HOME: folder.path, KM_HOME: home, PATH: "/usr/bin:/bin" };
  const script = new URL("install_from_source.ts", import.meta.url).pathname;
  const told = await run(Deno.execPath(), ["run", "-A", script], env);
  match(told, new RegExp(`^to have it as "km": export PATH='${home}/bin':"\\$PATH"$`, "m"));
  equal(((await Deno.stat(home)).mode ?? 0) & 0o777, 0o700);
  match(await run(`${home}/bin/km`, ["--version"], env), /^km \d/);

  const again = await run(Deno.execPath(), ["run", "-A", script], { ...env, PATH: `${home}/bin:/bin` });
  equal(again.includes("export PATH"), false);
});

testUnless(unix, "unixCommand() takes the Deno on PATH when its own is gone, else npx", async () => {
  using folder = new TempFolder();
  const km = await writeProgram(`${folder.path}/km`, unixCommand(TARGET));
  const env = { PATH: folder.path };
  const echo = (name: string) => `#!/bin/sh\necho ${name} "$@"\n`;
  await writeProgram(`${folder.path}/npx`, echo("npx"));
  const first = await run(km, ["a", "b"], env);
  await writeProgram(`${folder.path}/deno`, echo("deno"));
  deepStrictEqual([first, await run(km, ["a", "b"], env)], [
    `npx -y deno@2.9.6 ${WORDS}\n`,
    `deno ${WORDS}\n`,
  ]);
});

Deno.test("windowsCommand() looks for the same three", () => {
  const lines = windowsCommand({ ...TARGET, deno: "C:\\100%\\deno.exe" }).split("\r\n");
  deepStrictEqual(lines.slice(0, 3), [
    "@echo off",
    'if exist "C:\\100%%\\deno.exe" goto installed',
    "where /q deno && goto path",
  ]);
  match(lines[3] ?? "", /^call npx -y deno@2\.9\.6 run .* %\*$/);
});
