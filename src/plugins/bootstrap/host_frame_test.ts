import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import { wireMessage } from "../../../tests/fakes/boot_driver.ts";
import { HostFrameSchema } from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import { encodeHostFrame, type HostBody } from "../wire/encode.ts";
import { readHostFrame } from "./host_frame.ts";

const FULL = {
  method: "tools/call",
  tool: "ä€😀",
  rpcId: "1",
  answersId: "a",
  durationUs: 2 ** 40,
  client: "c",
  truncated: true,
  sizeBytes: 2 ** 52,
};
const EMPTY = { method: null, tool: null, rpcId: null, format: null };
const BODIES: readonly HostBody[] = [
  { kind: "load", code: new Uint8Array([1]) },
  {
    kind: "hello",
    protocolVersions: [1, 2, 300],
    kmVersion: "0.1.0",
    pluginName: "p",
    pluginVersion: "1",
    tier: "pro",
    maxFrameBytes: 4 * 1024 * 1024,
  },
  { kind: "authenticate", tier: "pro", customerId: "acme", expiresAtS: 1_900_000_000 },
  { kind: "configure", configJson: '{"a":"\ufeff"}', state: new Map([["k", "1"], ["l", "x".repeat(300)]]) },
  {
    kind: "handleMessages",
    messages: [wireMessage(1), wireMessage({ a: 1 }, FULL), wireMessage("", EMPTY)],
    droppedMessages: 3,
    droppedBytes: 2 ** 50,
  },
  { kind: "handleError", code: "dropped", message: "12" },
  { kind: "ping" },
  { kind: "shutdown", reason: "enough" },
];

Deno.test.each(BODIES)("a frame is what the library reads: $kind", (body) => {
  const { header } = encodeHostFrame(4711, body, 2);
  assert.deepEqual(readHostFrame(header), plain(fromBinary(HostFrameSchema, header)));
});

/** Without the prototypes by which the library leaves out what is optional. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

Deno.test("fields of a later km are passed over; what is cut is refused at each byte", () => {
  const later = [0x08, 99, 0x9a, 0x06, 1, 7, 0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0x9d, 0x06, 1, 2, 3, 4];
  const { id, body } = readHostFrame(Uint8Array.from([...later, 0x98, 0x06, 0xff, 0x01]));
  assert.deepEqual([id, body], [99, { case: undefined }]);
  const { header } = encodeHostFrame(1, { kind: "handleError", code: "c", message: "long enough" }, 2);
  for (let at = 3; at < header.length; at++) {
    assert.throws(() => readHostFrame(header.slice(0, at)), RangeError);
  }
  for (const bad of [[0x00], [0x0b], [0x0a, 0], [0x08], [0x08, ...Array(11).fill(0x80)], [0x3a, 2, 0x0a]]) {
    assert.throws(() => readHostFrame(Uint8Array.from(bad)), RangeError);
  }
  assert.throws(() => readHostFrame(Uint8Array.from([0x4a, 3, 0x0a, 1, 0xff])), TypeError);
});
