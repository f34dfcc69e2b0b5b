/** Sessions that start, and viewers that come back. @module */
import headless from "@xterm/headless";
import { decodeFrame, FRAME } from "../../src/core/session_wire.ts";
import { median } from "./figures.ts";
import { atMost, type Section } from "./report.ts";
import { ECHO, pause, type SessionsBench, SessionsHome, SIZE, type StartedSession } from "./sessions_home.ts";

/** A line of "burst" (sessions_programs.c), and what stands behind the last one. */
const LINE = (n: number) => `line ${String(n).padStart(8, "0")} the quick brown fox jumps over the lazy dog`;
const LINE_BYTES = LINE(0).length + "\x1b[30m\x1b[0m\r\n".length, LAST = "last";
const MS = (ms: number) => `${ms.toFixed(0)} ms`;
const STARTED = 50;

/** Starts by REST, all at once. */
export async function measureStart({ rounds, quick, progress }: SessionsBench): Promise<Section> {
  const answered: number[] = [], spoken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(`start, round ${round + 1}`);
    await using home = await SessionsHome.open();
    await home.untilShown(await home.start(ECHO), "ready");
    const start = performance.now();
    const all = await Promise.all(Array.from({ length: quick ? 10 : STARTED }, () => home.start(ECHO)));
    answered.push(performance.now() - start);
    await Promise.all(all.map((session) => home.untilShown(session, "ready")));
    spoken.push(performance.now() - start);
  }
  return {
    title: "Start by REST",
    note:
      `${STARTED} times \`POST /api/sessions\` at once, until the last of them is answered (its program runs, the session is stored and ` +
      `audited), and until the screen of each shows what its program says; ${rounds} rounds.`,
    columns: ["what", "median", "slowest"],
    rows: [
      ["all are answered", MS(median(answered)), MS(Math.max(...answered))],
      ["all have spoken", MS(median(spoken)), MS(Math.max(...spoken))],
    ],
    bars: [],
  };
}

interface Reconnect {
  readonly attachedMs: number;
  readonly snapshotMs: number;
  readonly shownMs: number;
  readonly snapshotBytes: number;
  readonly isRight: boolean;
}

/** A viewer that was away while much was written. */
export async function measureReconnect(bench: SessionsBench): Promise<Section> {
  const lines = Math.ceil((bench.quick ? 4_000_000 : 10_000_000) / LINE_BYTES);
  const bytes = lines * LINE_BYTES;
  await using home = await SessionsHome.open();
  const session = await home.start([bench.programs, "burst", String(bytes)]);
  await home.untilShown(session, "ready");
  const taken: Reconnect[] = [];
  // The first one is for the compiler.
  for (let round = 0; round <= bench.rounds; round++) {
    bench.progress(`reconnect, round ${round}`);
    const { seq } = await home.find(session.id);
    await home.request("POST", `/api/sessions/${session.id}/input`, { keys: "x" });
    while ((await home.find(session.id)).seq < seq + bytes + LAST.length) await pause(2);
    taken.push(await reconnect(home, session, { since: seq, lines }));
  }
  taken.shift();
  const of = (name: "attachedMs" | "snapshotMs" | "shownMs") => taken.map((each) => each[name]);
  const row = (
    what: string,
    values: readonly number[],
  ) => [what, MS(median(values)), MS(Math.max(...values))];
  const size = `${((taken[0]?.snapshotBytes ?? NaN) / 1000).toFixed(0)} KB`;
  return {
    title: "Reconnect",
    note:
      `A viewer's socket was closed, ${
        (bytes / 1e6).toFixed(0)
      } MB in colour were written; as soon as the last byte is there it connects, ` +
      "authenticates, and attaches from where it was. From opening the socket, in a client that does nothing else, until its terminal " +
      `(xterm.js) has drawn every line of the last screen; the snapshot is of ${size}, with the lines above. ${bench.rounds} rounds.`,
    columns: ["until", "median", "slowest"],
    rows: [
      row("attached", of("attachedMs")),
      row("the snapshot has come", of("snapshotMs")),
      row("the screen is right", of("shownMs")),
    ],
    bars: [
      atMost("reconnect after 10 MB: the screen right in ≤ 150 ms", median(of("shownMs")), 150, MS),
      {
        claim: "… every line of it",
        measured: taken.every(({ isRight }) => isRight) ? "yes" : "no",
        pass: taken.every(({ isRight }) => isRight),
      },
    ],
  };
}

async function reconnect(
  home: SessionsHome,
  { number }: StartedSession,
  { since, lines }: { readonly since: number; readonly lines: number },
): Promise<Reconnect> {
  const token = await home.token();
  const { seq: end } = await home.find(String(number));
  const terminal = new headless.Terminal({ ...SIZE, scrollback: 1000, allowProposedApi: true });
  const start = performance.now();
  const passed = () => performance.now() - start;
  let attachedMs = NaN, snapshotMs = NaN, snapshotBytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = new WebSocket(`${home.daemon.url.replace("http", "ws")}/api/sessions/${number}/ws`);
  socket.binaryType = "arraybuffer";
  const say = (message: Readonly<Record<string, unknown>>) => socket.send(JSON.stringify(message));
  socket.onopen = () => {
    say({ type: "auth", message_id: "1", data: { token } });
    say({ type: "command", message_id: "2", data: { action: "attach", since, write: true } });
  };
  socket.onerror = () => reject(new Error("The socket failed"));
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === "string") {
      if (data.includes('"attached"')) attachedMs = passed();
      return;
    }
    const frame = decodeFrame(new Uint8Array(data));
    if (frame === null) return reject(new Error("Not a frame"));
    if (frame.type === FRAME.snapshot) {
      [snapshotMs, snapshotBytes] = [passed(), snapshotBytes + frame.bytes.length];
    }
    const behind = frame.seq + (frame.type === FRAME.output ? frame.bytes.length : 0);
    terminal.write(frame.bytes, () => behind === end && resolve(passed()));
  };
  const shownMs = await promise;
  socket.close();
  return { attachedMs, snapshotMs, shownMs, snapshotBytes, isRight: isRight(terminal, lines) };
}

/** The last lines, then "last". */
function isRight(terminal: InstanceType<typeof headless.Terminal>, lines: number): boolean {
  const buffer = terminal.buffer.active;
  for (let y = 0; y < SIZE.rows; y++) {
    const wanted = y === SIZE.rows - 1 ? LAST : LINE(lines - SIZE.rows + 1 + y);
    if (buffer.getLine(buffer.baseY + y)?.translateToString(true) !== wanted) return false;
  }
  return true;
}
