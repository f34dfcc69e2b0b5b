import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { HostFrameSchema } from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import { wireMessage } from "../../../tests/fakes/boot_driver.ts";
import { encodeBatchHeader } from "./batch_writer.ts";
import { encodeHostFrame, wireBody, type WireMessage } from "./encode.ts";

/** The same by the library. */
function byLibrary(id: number, messages: readonly WireMessage[], dropped: [number, number]): Uint8Array {
  const body = {
    kind: "handleMessages" as const,
    messages,
    droppedMessages: dropped[0],
    droppedBytes: dropped[1],
  };
  return toBinary(HostFrameSchema, create(HostFrameSchema, { id, body: wireBody(body, 2) }));
}

const ODD: readonly Partial<WireMessage["event"]>[] = [
  {},
  { method: null, tool: null, rpcId: null, format: null, client: null },
  { method: "", tool: "", rpcId: "", client: "", answersId: "", durationUs: 0, sizeBytes: 0, timeUs: 0 },
  { server: "ß".repeat(100), tool: "工具".repeat(5000), rpcId: "\ud800 alone", method: "🦕" },
  { id: "a".repeat(127), server: "b".repeat(128), kind: "notification", client: "c".repeat(16_384) },
  { timeUs: Number.MAX_SAFE_INTEGER, sizeBytes: 2 ** 28, durationUs: 2 ** 28 - 1, truncated: true },
  { timeUs: 2 ** 35, sizeBytes: 2 ** 32, durationUs: 127, format: "bytes", answersId: "x" },
];

Deno.test("encodeBatchHeader() writes byte for byte what the library writes", () => {
  const messages = ODD.map((event, at) => wireMessage({ at }, event));
  const cases: [WireMessage[], [number, number]][] = [
    [[], [0, 0]],
    [messages, [3, 2 ** 40]],
    ...messages.map((
      message,
    ): [WireMessage[], [number, number]] => [[{ ...message, direction: null }], [0, 1]]),
    [Array.from({ length: 500 }, (_, at) => messages[at % 3] as WireMessage), [0, 0]],
  ];
  for (const [list, dropped] of cases) {
    const [droppedMessages, droppedBytes] = dropped;
    const header = encodeBatchHeader({ id: 4_294_967_295, messages: list, droppedMessages, droppedBytes });
    assert.deepEqual(header, byLibrary(4_294_967_295, list, dropped));
  }
});

Deno.test("encodeHostFrame() writes batches this way, and refuses what is no count", () => {
  const messages = [wireMessage(1)];
  const batch = { kind: "handleMessages", messages, droppedMessages: 0, droppedBytes: 0 } as const;
  assert.deepEqual(encodeHostFrame(7, batch, 2).header, byLibrary(7, messages, [0, 0]));
  assert.throws(() => encodeHostFrame(7, { ...batch, droppedBytes: -1 }, 2), RangeError);
  assert.throws(() => encodeHostFrame(7, { ...batch, droppedBytes: 0.5 }, 2), RangeError);
});
