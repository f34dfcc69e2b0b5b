import assert from "node:assert/strict";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { LogLevel, PluginFrameSchema, Severity } from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import { verifies } from "../../../tests/verifies.ts";
import { decodePluginFrame, type FromPlugin } from "./decode.ts";

type Init = MessageInitShape<typeof PluginFrameSchema>;
type Body = NonNullable<Init["body"]>;
const NONE = new Uint8Array();

function decode(body: Body, { replyTo = 0, version = 2 } = {}): FromPlugin {
  return decodePluginFrame(
    toBinary(PluginFrameSchema, create(PluginFrameSchema, { replyTo, body })),
    NONE,
    version,
  );
}

const FINDING = { key: "k", severity: Severity.WARNING, title: "t" };
const emit = (what: Extract<Body, { case: "emit" }>["value"]["what"], eventId = ""): Body => ({
  case: "emit",
  value: what === undefined ? { eventId } : { eventId, what },
});

Deno.test.each(
  [
    [
      {
        case: "handled",
        value: { messages: 3, failed: 1, firstError: "e", droppedEmits: 2, droppedLogs: 4 },
      },
      9,
      { kind: "handled", messages: 3, failed: 1, firstError: "e", droppedEmits: 2, droppedLogs: 4 },
    ],
    [{ case: "pong", value: {} }, 1, { kind: "pong" }],
    [{ case: "failed", value: { code: "c", message: "m" } }, 1, { kind: "failed", code: "c", message: "m" }],
    [
      { case: "loaded", value: { name: "n", version: "1.0.0", protocolVersions: [1] } },
      1,
      { kind: "loaded", name: "n", version: "1.0.0", protocolVersions: [1], definition: {} },
    ],
    [
      { case: "log", value: { level: LogLevel.WARNING, text: "t" } },
      0,
      { kind: "log", level: "warning", text: "t", console: null },
    ],
    [emit({ case: "finding", value: FINDING }, "e1"), 0, {
      kind: "emit",
      eventId: "e1",
      what: {
        type: "finding",
        key: "k",
        severity: "warning",
        title: "t",
        detail: "",
        server: null,
        tool: null,
      },
    }],
    [emit({ case: "metric", value: { name: "n", value: -0.5, unit: "1" } }), 0, {
      kind: "emit",
      eventId: null,
      what: { type: "metric", name: "n", value: -0.5, unit: "1" },
    }],
    [{ case: "setState", value: { key: "k", valueJson: "" } }, 0, {
      kind: "setState",
      key: "k",
      valueJson: null,
    }],
    [{ case: "refused", value: { what: "import", value: "node:fs" } }, 0, {
      kind: "refused",
      what: "import",
      value: "node:fs",
    }],
  ] as const satisfies [Body, number, object][],
)("decodePluginFrame() reads %j", (body, replyTo, expected) => {
  assert.deepEqual(decode(body, { replyTo }), { replyTo, body: expected });
});

Deno.test.each(
  [
    ["no body", { case: undefined }, 1, /no body, or one that this km does not know/],
    ["an answer to nothing", { case: "pong", value: {} }, 0, /"pong" answers no frame/],
    ["an answer that is none", { case: "log", value: { level: LogLevel.INFO } }, 4, /"log" answers a frame/],
    ["an emit of nothing", emit(undefined), 0, /carries nothing/],
    ["no level", { case: "log", value: { text: "t" } }, 0, /log\.level has no known value/],
    ["another level", { case: "log", value: { level: 77 as LogLevel } }, 0, /log\.level has no known value/],
    ["a long line", { case: "log", value: { level: 1, text: "x".repeat(16_385) } }, 0, /log\.text has 16385/],
    [
      "no severity",
      emit({ case: "finding", value: { ...FINDING, severity: 0 } }),
      0,
      /severity has no known/,
    ],
    ["no key", emit({ case: "finding", value: { ...FINDING, key: "" } }), 0, /finding\.key is empty/],
    [
      "a long detail",
      emit({ case: "finding", value: { ...FINDING, detail: "x".repeat(16_385) } }),
      0,
      /detail has/,
    ],
    [
      "no number",
      emit({ case: "metric", value: { name: "n", value: NaN, unit: "1" } }),
      0,
      /no finite number/,
    ],
    [
      "infinity",
      emit({ case: "metric", value: { name: "n", value: 1 / 0, unit: "1" } }),
      0,
      /no finite number/,
    ],
    ["a note on nothing", emit({ case: "annotation", value: { key: "k" } }), 0, /names no event/],
    ["state of no JSON", { case: "setState", value: { key: "k", valueJson: "{" } }, 0, /is no JSON/],
    ["state without a key", { case: "setState", value: { valueJson: "1" } }, 0, /set_state\.key is empty/],
    [
      "more failures than messages",
      { case: "handled", value: { messages: 1, failed: 2 } },
      1,
      /more messages failed/,
    ],
    ["no tier", { case: "helloAck", value: { requiredTier: "gold" } }, 1, /required_tier has no known/],
    [
      "many versions",
      { case: "loaded", value: { protocolVersions: Array(33).fill(1) } },
      1,
      /33 protocol versions/,
    ],
    ["no definition", { case: "loaded", value: { definitionJson: "[1]" } }, 1, /no JSON object/],
  ] as const satisfies [string, Body, number, RegExp][],
)(
  "decodePluginFrame() refuses what no plugin may say: %s",
  (_name, body, replyTo, message) => {
    verifies("plugin-frames");
    assert.throws(() => decode(body, { replyTo }), { name: "ProtocolError", message });
  },
);

Deno.test("decodePluginFrame() refuses a body that this km does not know", () => {
  verifies("plugin-frames");
  // Field 99, length 0: a message of a later protocol.
  const later = Uint8Array.of(0x08, 0x01, 0x9a, 0x06, 0x00);
  assert.throws(() => decodePluginFrame(later, NONE, 2), /no body, or one that this km does not know/);
});

Deno.test("decodePluginFrame() refuses bytes that are no protobuf, and payloads", () => {
  verifies("plugin-frames");
  assert.throws(() => decodePluginFrame(Uint8Array.of(0xff, 0xff), NONE, 2), { name: "ProtocolError" });
  // A text that is not UTF-8: log.text.
  const log = Uint8Array.of(0x4a, 0x05, 0x08, 0x01, 0x12, 0x01, 0xff);
  assert.throws(() => decodePluginFrame(log, NONE, 2), { name: "ProtocolError" });
  const pong = toBinary(
    PluginFrameSchema,
    create(PluginFrameSchema, { replyTo: 1, body: { case: "pong", value: {} } }),
  );
  assert.throws(() => decodePluginFrame(pong, Uint8Array.of(1), 2), /1 bytes of payload/);
});

Deno.test.each(
  [
    ["state", { case: "setState", value: { key: "k", valueJson: "1" } }],
    ["annotations", emit({ case: "annotation", value: { key: "k", value: "v" } }, "e1")],
  ] as const satisfies [string, Body][],
)("protocol 1 has no %s", (_name, body) => {
  verifies("plugin-protocol-versions");
  assert.throws(() => decode(body, { version: 1 }), /protocol 1 has no/);
  decode(body, { version: 2 });
});

Deno.test("random bytes are read or refused, and nothing else happens", () => {
  let seed = 42;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) >>> 0) / 2 ** 32;
  for (let round = 0; round < 5000; round++) {
    const bytes = Uint8Array.from(
      { length: 1 + Math.floor(random() * 40) },
      () => Math.floor(random() * 256),
    );
    try {
      decodePluginFrame(bytes, NONE, 2);
    } catch (error) {
      assert.ok(error instanceof Error && error.name === "ProtocolError", String(error));
    }
  }
});
