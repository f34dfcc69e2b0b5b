import { deepEqual } from "node:assert/strict";
import { FRAME } from "../core/session_wire.ts";
import { AttachedView } from "./attached_view.ts";
import type { SessionBody } from "./session_socket.ts";

const SIZE = { cols: 80, rows: 24 };

/** A view, what it shows, and what it asks of its link. */
function setUp() {
  const shown: string[] = [];
  const asked: unknown[] = [];
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const session = { id: "s-1", number: 1 } as SessionBody; // as: what a view looks at
  const view = new AttachedView(session, {
    write: true,
    onSnapshot: (bytes) => void shown.push(`snapshot ${text(bytes)}`),
    onOutput: (bytes) => void shown.push(text(bytes)),
    onEvent() {},
    onGone() {},
  }, {
    request: () => Promise.resolve({}),
    sendBytes() {},
    detach() {},
    reattach: (view) => void asked.push(view.attachData["since"]),
  });
  view.online(session, 0);
  const frame = (type: typeof FRAME.output | typeof FRAME.snapshot, seq: number, content: string) =>
    view.frame({ type, session: 1, seq, bytes: new TextEncoder().encode(content) });
  const snapshot = (seq: number, content: string) => {
    view.status({ event: "snapshot", seq, size: SIZE, bytes: content.length });
    frame(FRAME.snapshot, seq, content);
  };
  return {
    shown,
    asked,
    snapshot,
    output: (seq: number, content: string) => frame(FRAME.output, seq, content),
  };
}

Deno.test("AttachedView shows each byte once, also when some come twice", () => {
  const { shown, asked, snapshot, output } = setUp();
  output(0, "too early");
  snapshot(10, "screen");
  output(10, "abc");
  output(10, "abc");
  output(11, "bcd");
  deepEqual([shown, asked], [["snapshot screen", "abc", "d"], []]);
});

Deno.test("AttachedView attaches again, once, when bytes are missing, and goes on with the snapshot", () => {
  const { shown, asked, snapshot, output } = setUp();
  snapshot(10, "screen");
  output(12, "after a gap");
  output(23, "more");
  deepEqual([shown, asked], [["snapshot screen"], [null]]);
  snapshot(27, "whole");
  output(27, "!");
  deepEqual([shown.slice(1), asked], [["snapshot whole", "!"], [null]]);
});
