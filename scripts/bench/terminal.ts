// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * What the state of a terminal costs: parsing, snapshots, memory; next to xterm.js used as it comes (`@xterm/headless` with
 * `@xterm/addon-serialize`). Alone: `deno run -A scripts/bench/terminal.ts [--quick]`.
 * @module
 */
import headless from "@xterm/headless";
import serialize from "@xterm/addon-serialize";
import unicode11 from "@xterm/addon-unicode11";
import { SCROLLBACK_LINES, type TerminalSize } from "../../src/core/session.ts";
import { TerminalState } from "../../src/sessions/terminal/terminal_state.ts";
import { median } from "./figures.ts";
import { atMost, describeMachine, oneDigit, renderReport, type Section } from "./report.ts";

const SIZE: TerminalSize = { cols: 120, rows: 40 };
const MB = 1_000_000;
/** As a PTY hands it out. */
const CHUNK_BYTES = 4096;
const TERMINALS = 100;
const ROUNDS = 5;
/** 300 MB for the daemon, of which all else takes 105. */
const MAX_MB_EACH = 1.9;
const encoder = new TextEncoder();

/** A terminal of either kind. */
interface Subject {
  readonly name: string;
  open(size: TerminalSize): Terminal;
}

interface Terminal {
  /** Settles when everything is parsed. */
  write(bytes: Uint8Array): Promise<void>;
  snapshot(): Promise<number>;
}

const KM: Subject = {
  name: "km",
  open(size) {
    const state = new TerminalState({ size, answer: () => {}, signal: () => {} });
    return {
      write(bytes) {
        for (let i = 0; i < bytes.length; i += CHUNK_BYTES) state.write(bytes.subarray(i, i + CHUNK_BYTES));
        return Promise.resolve();
      },
      snapshot: async () => (await state.snapshot()).bytes.length,
    };
  },
};

const XTERM: Subject = {
  name: "xterm.js as it comes",
  open(size) {
    const terminal = new headless.Terminal({ ...size, scrollback: SCROLLBACK_LINES, allowProposedApi: true });
    const addon = new serialize.SerializeAddon();
    terminal.loadAddon(new unicode11.Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    // As: the addon is typed for the browser's terminal, and takes either.
    addon.activate(terminal as unknown as Parameters<typeof addon.activate>[0]);
    return {
      async write(bytes) {
        for (let i = 0; i < bytes.length; i += CHUNK_BYTES) {
          terminal.write(bytes.subarray(i, i + CHUNK_BYTES));
        }
        await new Promise<void>((resolve) => terminal.write("", resolve));
      },
      snapshot: () => Promise.resolve(encoder.encode(addon.serialize()).length),
    };
  },
};
const SUBJECTS = [KM, XTERM];

/** `megabytes` of lines, of colours with CJK and emoji, and of a program that draws its screen again and again. */
function streams(megabytes: number): Readonly<Record<string, Uint8Array>> {
  const fill = (piece: (i: number) => string) => {
    const pieces: string[] = [];
    for (let i = 0, chars = 0; chars < megabytes * MB; i++) {
      chars += pieces[pieces.push(piece(i)) - 1]?.length ?? 0;
    }
    return encoder.encode(pieces.join(""));
  };
  const frame = (f: number) =>
    Array.from(
      { length: SIZE.rows },
      (_, y) => `\x1b[${y + 1};1H\x1b[7m row ${y} \x1b[0m frame ${f} ${"#".repeat((f + y) % 80)}\x1b[K`,
    ).join("");
  return {
    plain: fill((i) => `line ${i} the quick brown fox jumps over the lazy dog 0123456789\r\n`),
    "colour, CJK, emoji": fill((i) =>
      `\x1b[3${i % 8}m行 ${i} 漢字かな \x1b[1;4mbold 🙂\x1b[0m quick \x1b[38;5;${
        i % 256
      }mbrown fox\x1b[0m\r\n`
    ),
    "redrawn screen": fill((i) => `\x1b[?2026h\x1b[H${frame(i)}\x1b[?2026l`),
  };
}

/** The sections of this bench. `quick`: shows that everything runs, says little. */
export async function terminalSections(quick: boolean): Promise<Section[]> {
  return [await measureSpeed(quick), await measureMemory(quick)];
}

async function measureSpeed(quick: boolean): Promise<Section> {
  const rounds = quick ? 1 : ROUNDS;
  const rows: string[][] = [];
  for (const [name, bytes] of Object.entries(streams(quick ? 0.2 : 4))) {
    const figures = new Map(SUBJECTS.map((subject) => [subject, { speed: [0], ms: [0], size: 0 }]));
    for (let round = 0; round <= rounds; round++) {
      for (const [subject, figure] of figures) {
        const terminal = subject.open(SIZE);
        const start = performance.now();
        await terminal.write(bytes);
        const parsed = performance.now();
        figure.size = await terminal.snapshot();
        // The first round warms up.
        if (round === 0) figure.speed = [], figure.ms = [];
        else {
          figure.speed.push(bytes.length / MB / (parsed - start) * 1000);
          figure.ms.push(performance.now() - parsed);
        }
      }
    }
    for (const [{ name: who }, { speed, ms, size }] of figures) {
      rows.push([name, who, oneDigit(median(speed)), oneDigit(median(ms)), oneDigit(size / 1000)]);
    }
  }
  return {
    title: "State of a terminal: speed",
    note:
      `${SIZE.cols}×${SIZE.rows}, ${SCROLLBACK_LINES} lines above, in pieces of ${CHUNK_BYTES} bytes, one thread.`,
    columns: ["stream", "terminal", "MB/s", "snapshot, ms", "snapshot, KB"],
    rows,
    bars: [],
  };
}

async function measureMemory(quick: boolean): Promise<Section> {
  const rows: string[][] = [];
  let most = 0;
  for (const size of [{ cols: 80, rows: 24 }, SIZE]) {
    for (const { name } of SUBJECTS) {
      const each = await memoryOf(name, size, quick ? 5 : TERMINALS);
      if (name === KM.name) most = Math.max(most, each);
      rows.push([`${size.cols}×${size.rows}`, name, each.toFixed(2)]);
    }
  }
  return {
    title: "State of a terminal: memory",
    note:
      `Resident memory that each of ${TERMINALS} full terminals adds (${SCROLLBACK_LINES} lines of colour as wide as the screen), in a process of its own.`,
    columns: ["size", "terminal", "MB each"],
    rows,
    bars: quick ? [] : [
      atMost(`A full terminal takes ≤ ${MAX_MB_EACH} MB`, most, MAX_MB_EACH, (mb) => `${mb.toFixed(2)} MB`),
    ],
  };
}

/** In a process that does nothing else. */
async function memoryOf(name: string, size: TerminalSize, count: number): Promise<number> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      import.meta.filename ?? "",
      "--fill",
      name,
      `${size.cols}`,
      `${size.rows}`,
      `${count}`,
    ],
    stderr: "inherit",
  }).output();
  return success ? Number(new TextDecoder().decode(stdout)) : NaN;
}

/** Fills terminals in turns, as sessions do, and says how much memory each took, in MB. */
async function fill(name: string, size: TerminalSize, count: number): Promise<number> {
  const subject = SUBJECTS.find((each) => each.name === name) ?? KM;
  const line = (i: number) =>
    `\x1b[3${i % 8}mline ${i} 漢字 \x1b[1mbold\x1b[0m ${"x".repeat(size.cols - 30)}\r\n`;
  const bytes = encoder.encode(
    Array.from({ length: SCROLLBACK_LINES + size.rows * 2 }, (_, i) => line(i)).join(""),
  );
  await subject.open(size).snapshot();
  const before = Deno.memoryUsage().rss;
  const terminals = Array.from({ length: count }, () => subject.open(size));
  for (let i = 0; i < bytes.length; i += CHUNK_BYTES) {
    for (const terminal of terminals) await terminal.write(bytes.subarray(i, i + CHUNK_BYTES));
  }
  const each = (Deno.memoryUsage().rss - before) / MB / count;
  // Still there when it was measured.
  await terminals.at(-1)?.snapshot();
  return each;
}

if (import.meta.main) {
  if (Deno.args[0] === "--fill") {
    const [name = "", cols, rows, count] = Deno.args.slice(1);
    console.log(await fill(name, { cols: Number(cols), rows: Number(rows) }, Number(count)));
  } else {
    const sections = await terminalSections(Deno.args.includes("--quick"));
    const machine = await describeMachine("deno run -A scripts/bench/terminal.ts", ROUNDS);
    console.log(renderReport("Terminals", sections, machine));
  }
}
