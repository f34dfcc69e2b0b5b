/** What `km doctor` says of km serve. @module */
import { deepStrictEqual, equal, match } from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm, TempFolder } from "./harness.ts";

interface Check {
  readonly check: string;
  readonly status: string;
  readonly detail: string;
  readonly hint: string | null;
}

/** The check called `name`, and the exit code. */
async function doctor(home: string, name: string): Promise<Check & { readonly code: number }> {
  const { out, code } = await runKm(["doctor", "--json"], { home });
  const checks = out.trim().split("\n").map((line): Check => JSON.parse(line));
  const found = checks.find(({ check }) => check === name);
  if (!found) throw new Error(`no check ${name} in ${out}`);
  return { ...found, code };
}

Deno.test("km doctor is content with a home that no daemon ever served, and tells about port 42", async () => {
  verifies("read-doctor");
  using home = new TempFolder();
  for (const name of ["daemon", "daemon.port-42", "daemon.token", "daemon.keys"]) {
    const { status, code } = await doctor(home.path, name);
    deepStrictEqual([name, status, code], [name, "ok", 0]);
  }
});

Deno.test("km doctor tells where km serve runs, warns of another version, and of what a killed one left behind", async () => {
  verifies("read-doctor");
  await using daemon = await RunningDaemon.start();
  const running = await doctor(daemon.home, "daemon");
  deepStrictEqual([running.status, running.hint], ["ok", null]);
  match(running.detail, new RegExp(`${daemon.url}, pid ${daemon.record.pid}`));
  equal((await doctor(daemon.home, "daemon.token")).status, "ok");

  Deno.writeTextFileSync(
    `${daemon.home}/daemon.json`,
    JSON.stringify({ ...daemon.record, version: "0.0.1" }),
  );
  const older = await doctor(daemon.home, "daemon");
  deepStrictEqual([older.status, older.hint], ["warn", "restart it: km stop && km serve --detach"]);

  daemon.process.kill("SIGKILL");
  await daemon.process.exit();
  const left = await doctor(daemon.home, "daemon");
  deepStrictEqual([left.status, left.code], ["warn", 0]);
  match(left.detail, /not running; .*daemon\.json was left behind/);
});

for (const file of ["token", "keys"]) {
  testUnless(
    unlessOs("linux", "darwin"),
    `km doctor fails when others can read the ${file === "token" ? "token" : "keys"} of km serve`,
    async () => {
      verifies("read-doctor");
      using home = new TempFolder();
      const path = `${home.path}/${file === "token" ? "token" : "keys.json"}`;
      Deno.writeTextFileSync(path, file === "token" ? "a".repeat(43) : "[]", { mode: 0o600 });
      equal((await doctor(home.path, `daemon.${file}`)).status, "ok");
      Deno.chmodSync(path, 0o644);
      const { status, hint, code } = await doctor(home.path, `daemon.${file}`);
      deepStrictEqual([status, code], ["fail", 20]);
      match(hint ?? "", /^remove it, its secret may be known: rm /);
    },
  );
}
