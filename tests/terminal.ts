/** Programs in terminals, as tests talk to them. @module */
import { DEFAULT_SIZE, type TerminalSize } from "../src/core/session.ts";
import type { Pty, PtyExit, PtyOptions, Ptys } from "../src/proc/pty.ts";

/** A PATH that every system has. */
export const PLAIN_PATH = "/usr/bin:/bin";

/** Longest that a program may live, in ms: a test whose program never does what it waits for fails by the end of that. */
const LIMIT_MS = 120_000;

/** A program in a terminal and all that it has written. */
export interface TestTerminal {
  readonly pty: Pty;
  readonly exit: Promise<PtyExit>;
  /** All output so far, as text. */
  text(): string;
  /** All output so far. */
  bytes(): Uint8Array<ArrayBuffer>;
  /** Resolves with the match when the output has one; rejects when the program ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  write(text: string): boolean;
}

/** Starts `command` in a terminal of `ptys`. */
export function startTerminal(
  ptys: Ptys,
  command: readonly string[],
  options: Partial<PtyOptions> & { readonly size?: TerminalSize } = {},
): TestTerminal {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let text = "";
  const decoder = new TextDecoder();
  const waiting = new Set<() => void>();
  const ended = Promise.withResolvers<PtyExit>();
  const look = () => waiting.forEach((check) => check());
  let hasEnded = false;
  const pty = ptys.spawn({
    command,
    cwd: "/",
    env: { PATH: PLAIN_PATH },
    size: DEFAULT_SIZE,
    searchPath: PLAIN_PATH,
    ...options,
    onData: (bytes) => {
      chunks.push(bytes);
      text += decoder.decode(bytes, { stream: true });
      options.onData?.(bytes);
      look();
    },
    onExit: (exit) => {
      hasEnded = true;
      clearTimeout(limit);
      options.onExit?.(exit);
      ended.resolve(exit);
      look();
    },
  });
  const limit = setTimeout(() => pty.signal("SIGKILL"), LIMIT_MS);
  return {
    pty,
    exit: ended.promise,
    text: () => text,
    bytes: () => new Uint8Array(chunks.flatMap((chunk) => [...chunk])),
    write: (input) => pty.write(new TextEncoder().encode(input)),
    until: (pattern) => {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      const check = () => {
        const match = pattern.exec(text);
        if (match) resolve(match);
        else if (hasEnded) reject(new Error(`Ended without ${pattern}: ${JSON.stringify(text)}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
      return promise;
    },
  };
}
