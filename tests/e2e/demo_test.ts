/** `km demo`: what a newcomer sees first. @module */
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { readCalls, runKm, TempFolder } from "./harness.ts";

Deno.test("km demo shows a slow, a failing, a large and a secret-carrying call, then the record of them", async () => {
  verifies("demo-shows-the-main-job");
  using home = new TempFolder();
  const { code, out, err } = await runKm(["demo"], { home: home.path, env: { COLUMNS: "80" } });
  deepStrictEqual([code, err], [0, ""]);
  for (
    const call of [
      "build_index .*slow",
      "delete_note .*fails",
      "export_notes .*large",
      "connect_account .*secret",
    ]
  ) {
    match(out, new RegExp(call));
  }
  match(out, /^TIME +KIND +TOOK +WHAT +ID$/m);
  match(out, /^TOOL +CALLS +ERRORS/m);
  match(out, /stored {2}\{"token":"\[redacted/);
  ok(out.includes(`Your record will be in ${home.path}/km.db`));
  for (const line of out.split("\n")) ok([...line].length <= 80, line);
});

Deno.test("km demo ends within 10 s and leaves nothing behind", async () => {
  verifies("demo-ten-seconds");
  using home = new TempFolder();
  const started = performance.now();
  const { out } = await runKm(["demo"], { home: home.path, env: { TMPDIR: home.path } });
  ok(performance.now() - started < 10_000);
  match(out, /is deleted now/);
  deepStrictEqual([...Deno.readDirSync(home.path)].map(({ name }) => name), []);
});

Deno.test("km demo --home records where it is told, and the secret is not in the files", async () => {
  verifies("demo-ten-seconds");
  using home = new TempFolder();
  const { code } = await runKm(["demo", "--home", `${home.path}/there`], { home: home.path });
  equal(code, 0);
  equal((await readCalls(`${home.path}/there`)).length, 9);
  for (const { name } of Deno.readDirSync(`${home.path}/there`)) {
    const bytes = await Deno.readFile(`${home.path}/there/${name}`);
    equal(new TextDecoder("latin1").decode(bytes).includes("FakeToken"), false, name);
  }
});

Deno.test("km demo --serve is an MCP server on stdin and stdout", async () => {
  using home = new TempFolder();
  const { code, out } = await runKm(["demo", "--serve"], {
    home: home.path,
    stdin: '{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
  });
  deepStrictEqual([code, out], [0, '{"jsonrpc":"2.0","id":1,"result":{}}\n']);
});
