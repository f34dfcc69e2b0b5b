import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { encodeFrame, joinParts, MAX_FRAME_BYTES, ProtocolError } from "../../../proto/frame.ts";
import { PluginFrameSchema } from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import { FrameWriter, type PluginBodyInit } from "./frame_writer.ts";

/** What the library makes of it. */
function asLibrary(replyTo: number, body: PluginBodyInit): Uint8Array {
  return joinParts(encodeFrame(toBinary(PluginFrameSchema, create(PluginFrameSchema, { replyTo, body }))));
}

const LONG = "ä€😀 x".repeat(20_000);
const finding = { key: "k", severity: 3, title: LONG, detail: "d", server: "s", tool: "" };
const BODIES: readonly PluginBodyInit[] = [
  {
    case: "loaded",
    value: { name: "n", version: "1.0.0", protocolVersions: [1, 2, 2 ** 32 - 1], definitionJson: "{}" },
  },
  { case: "loaded", value: { name: "n", version: "1.0.0", protocolVersions: [], definitionJson: LONG } },
  {
    case: "helloAck",
    value: {
      protocolVersion: 2,
      pluginName: "n",
      pluginVersion: "1",
      requiredTier: "pro",
      hasAuthenticate: true,
    },
  },
  { case: "authenticateResult", value: { accepted: true, reason: "x".repeat(127) } },
  { case: "authenticateResult", value: { accepted: false, reason: "x".repeat(128) } },
  { case: "configured", value: {} },
  {
    case: "handled",
    value: { messages: 32, failed: 300, firstError: "\ud800 alone", droppedEmits: 70_000, droppedLogs: 1 },
  },
  { case: "pong", value: {} },
  { case: "shutdownAck", value: {} },
  { case: "log", value: { level: 2, text: LONG, console: "c" } },
  { case: "log", value: { level: 0, text: "", console: "" } },
  { case: "emit", value: { eventId: "e", what: { case: "finding", value: finding } } },
  ...[0, -0, 0.5, -1e300, 2 ** 53].map((value): PluginBodyInit => ({
    case: "emit",
    value: { eventId: "", what: { case: "metric", value: { name: "m", value, unit: "1" } } },
  })),
  { case: "emit", value: { eventId: "e", what: { case: "annotation", value: { key: "k", value: "" } } } },
  { case: "setState", value: { key: "k", valueJson: LONG } },
  { case: "refused", value: { what: "net", value: "127.0.0.1:1" } },
  { case: "failed", value: { code: "c", message: "m" } },
];

Deno.test("frames are byte for byte what the library makes of them, alone and one after the other", () => {
  const together = new FrameWriter();
  const expected: Uint8Array[] = [];
  for (const [at, body] of BODIES.entries()) {
    const replyTo = at * 1000;
    const wanted = asLibrary(replyTo, body);
    const writer = new FrameWriter();
    writer.add(replyTo, body, MAX_FRAME_BYTES);
    assert.deepEqual(writer.take(), wanted, `${at}: ${body.case}`);
    together.add(replyTo, body, MAX_FRAME_BYTES);
    expected.push(wanted);
  }
  assert.deepEqual(together.take(), joinParts(expected));
  assert.equal(together.length, 0);
  together.add(7, { case: "pong", value: {} }, MAX_FRAME_BYTES);
  assert.deepEqual(together.take(), asLibrary(7, { case: "pong", value: {} }));
});

Deno.test("a frame that is too long leaves nothing behind", () => {
  const writer = new FrameWriter();
  writer.add(1, { case: "pong", value: {} }, 100);
  const long: PluginBodyInit = { case: "failed", value: { code: "c", message: "x".repeat(100) } };
  assert.throws(() => writer.add(2, long, 100), ProtocolError);
  assert.deepEqual(writer.take(), asLibrary(1, { case: "pong", value: {} }));
});
