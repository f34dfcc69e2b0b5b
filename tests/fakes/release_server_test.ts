/** The server of releases does what it is told. @module */
import assert from "node:assert/strict";
import { TempFolder } from "../e2e/harness.ts";
import { ReleaseServer } from "./release_server.ts";

Deno.test("ReleaseServer serves a folder and misbehaves when told to", async () => {
  using folder = new TempFolder();
  const text = "0123456789".repeat(1000);
  Deno.writeTextFileSync(`${folder.path}/a.txt`, text);
  await using server = new ReleaseServer(folder.path);
  const get = (path: string) => fetch(server.baseUrl + path);
  assert.equal(await (await get("/a.txt?x=1")).text(), text);
  server.misbehave("/a.txt", { kind: "missing" }, 1);
  assert.equal(await status(get("/a.txt")), 404);
  assert.equal(await status(get("/a.txt")), 200);
  server.misbehave("/a.txt", { kind: "cut", afterBytes: 5000 });
  await assert.rejects(async () => await (await get("/a.txt")).text());
  server.misbehave("/a.txt", { kind: "redirect", to: "/b.txt" });
  server.misbehave("/b.txt", { kind: "bytes", bytes: "b" });
  assert.equal(await (await get("/a.txt")).text(), "b");
  server.misbehave("/a.txt", { kind: "slow", bytesPerPiece: 4000 });
  assert.equal(await (await get("/a.txt")).text(), text);
  server.misbehave("/a.txt", { kind: "stall", afterBytes: 10 });
  const stalled = await get("/a.txt");
  server.behave("/a.txt");
  assert.equal(await stalled.text(), text);
  await server.asked("/b.txt");
});

async function status(answer: Promise<Response>): Promise<number> {
  const { status, body } = await answer;
  await body?.cancel();
  return status;
}
