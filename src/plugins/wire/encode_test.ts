import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import { HostFrameSchema } from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import { encodeFrame, frameBytes, joinParts } from "../../../proto/frame.ts";
import { wireMessage } from "../../../tests/fakes/boot_driver.ts";
import { encodeHostFrame, type HostBody, messageBytes } from "./encode.ts";

const read = (body: HostBody, version = 2) => {
  const { header, payload } = encodeHostFrame(7, body, version);
  const frame = fromBinary(HostFrameSchema, header);
  return { id: frame.id, body: frame.body, payload: new TextDecoder().decode(joinParts(payload)) };
};

Deno.test("encodeHostFrame() carries code as the payload of Load", () => {
  const code = new TextEncoder().encode("export default 1;");
  const { header, payload } = encodeHostFrame(1, { kind: "load", code }, 1);
  assert.equal(payload[0], code, "not copied");
  assert.equal(fromBinary(HostFrameSchema, header).body.case, "load");
});

Deno.test("encodeHostFrame() puts the data of a batch one after the other, and its lengths into the header", () => {
  const messages = [
    wireMessage({ a: 1 }),
    wireMessage(null),
    wireMessage("é", { format: null, method: null }),
  ];
  const { id, body, payload } = read({
    kind: "handleMessages",
    messages,
    droppedMessages: 3,
    droppedBytes: 2 ** 40,
  });
  assert.equal(id, 7);
  assert.equal(payload, '{"a":1}null"é"');
  assert.ok(body.case === "handleMessages");
  assert.deepEqual(body.value.messages.map(({ dataBytes }) => dataBytes), [7, 4, 4]);
  assert.deepEqual([body.value.droppedMessages, body.value.droppedBytes], [3n, 2n ** 40n]);
  const [first, , last] = body.value.messages;
  assert.deepEqual(
    { ...first?.event, $typeName: null },
    {
      $typeName: null,
      id: "01900000-0000-7000-8000-000000000001",
      timeUs: 1_700_000_000_000_001n,
      server: "files",
      kind: "request",
      method: "tools/call",
      tool: "read_file",
      rpcId: "1",
      sizeBytes: 7n,
      truncated: false,
      format: 2,
    },
  );
  assert.deepEqual([first?.direction, last?.event?.format, last?.event?.method], [1, 1, undefined]);
});

Deno.test("encodeHostFrame() gives a plugin of protocol 1 no state", () => {
  const body = { kind: "configure", configJson: '{"a":1}', state: new Map([["k", "1"]]) } as const;
  const states = [1, 2].map((version) => {
    const { body: sent } = read(body, version);
    assert.ok(sent.case === "configure");
    return [sent.value.configJson, sent.value.state.map(({ key, valueJson }) => [key, valueJson])];
  });
  assert.deepEqual(states, [['{"a":1}', []], ['{"a":1}', [["k", "1"]]]]);
});

Deno.test.each(
  [
    [{
      kind: "hello",
      protocolVersions: [1, 2],
      kmVersion: "1.2.3",
      pluginName: "p",
      pluginVersion: "4.5.6",
      tier: "pro",
      maxFrameBytes: 99,
    }, {
      protocolVersions: [1, 2],
      kmVersion: "1.2.3",
      pluginName: "p",
      pluginVersion: "4.5.6",
      tier: "pro",
      maxFrameBytes: 99,
    }],
    [{ kind: "authenticate", tier: "free", customerId: null, expiresAtS: null }, {
      tier: "free",
      customerId: "",
      expiresAtS: 0n,
    }],
    [{ kind: "authenticate", tier: "enterprise", customerId: "acme", expiresAtS: 1_900_000_000.7 }, {
      tier: "enterprise",
      customerId: "acme",
      expiresAtS: 1_900_000_000n,
    }],
    [{ kind: "handleError", code: "dropped", message: "m" }, { code: "dropped", message: "m" }],
    [{ kind: "shutdown", reason: "r" }, { reason: "r" }],
    [{ kind: "ping" }, {}],
  ] as const satisfies [HostBody, object][],
)("encodeHostFrame() says all of %j", (said, expected) => {
  const { body } = read(said);
  assert.equal(body.case, said.kind);
  assert.deepEqual({ ...body.value, $typeName: undefined }, { ...expected, $typeName: undefined });
});

Deno.test("messageBytes() is never less than what a message adds to a frame", () => {
  const long = "\u{1f600}é".repeat(50);
  const large = Number.MAX_SAFE_INTEGER;
  const messages = [
    wireMessage(1),
    wireMessage(long, {
      server: long,
      method: long,
      tool: long,
      rpcId: long,
      answersId: long,
      client: long,
      durationUs: large,
      sizeBytes: large,
      timeUs: large,
      truncated: true,
    }),
  ];
  const size = (batch: typeof messages) => {
    const { header, payload } = encodeHostFrame(1, {
      kind: "handleMessages",
      messages: batch,
      droppedMessages: 0,
      droppedBytes: 0,
    }, 2);
    return frameBytes(encodeFrame(header, payload));
  };
  for (const message of messages) {
    assert.ok(
      size([message]) - size([]) <= messageBytes(message),
      `${size([message])} ${messageBytes(message)}`,
    );
  }
});
