import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { serveSample } from "./sample_server.ts";

/** Sends messages, ends the input, and returns what the server said, in order. */
// deno-lint-ignore no-explicit-any -- read as another program would, without our types
async function converse(...messages: (object | string)[]): Promise<any[]> {
  const sent: string[] = [];
  const text = messages.map((message) => typeof message === "string" ? message : JSON.stringify(message))
    .join("\n");
  await serveSample({
    input: new Blob([text]).stream(),
    send: (line) => sent.push(line),
    log: () => undefined,
  });
  return sent.map((line) => JSON.parse(line));
}

const call = (name: string, args: unknown = {}) => ({
  id: 1,
  method: "tools/call",
  params: { name, arguments: args },
});

Deno.test("serveSample() answers initialize in the client's version when it knows it", async () => {
  const [known] = await converse({ id: 1, method: "initialize", params: { protocolVersion: "2024-11-05" } });
  const [unknown] = await converse({
    id: 1,
    method: "initialize",
    params: { protocolVersion: "1999-01-01" },
  });
  deepStrictEqual([known.result.protocolVersion, unknown.result.protocolVersion], [
    "2024-11-05",
    "2025-11-25",
  ]);
});

Deno.test("serveSample() lists six tools with schemas", async () => {
  const [{ result }] = await converse({ id: "a", method: "tools/list" });
  equal(result.tools.length, 6);
  for (const tool of result.tools) equal(tool.inputSchema.type, "object");
});

Deno.test("serveSample() finds notes, fails in one tool, and is large in another", async () => {
  const [found] = await converse(call("search_notes", { query: "COFFEE" }));
  ok(found.result.content[0].text.includes("shopping"));
  const [failed] = await converse(call("delete_note", { title: "x" }));
  equal(failed.result.isError, true);
  const [large] = await converse(call("export_notes"));
  ok(large.result.content[0].text.length > 290_000);
});

Deno.test("serveSample() refuses what it does not know, and says nothing to notifications", async () => {
  const answers = await converse(
    { method: "notifications/initialized" },
    { id: 1, method: "server/discover" },
    "no json",
    call("no_such_tool"),
  );
  deepStrictEqual(answers.map(({ error }) => error.code), [-32601, -32700, -32602]);
});
