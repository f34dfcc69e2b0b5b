/** The ways to run a server: directly, and under km with either relay. A test that passes directly must pass under km. @module */
import { fileURLToPath } from "node:url";
import { testUnless, unlessOs } from "../skip.ts";
import { KM, TESTED_FILE } from "../e2e/harness.ts";

/** One way to run a server. */
export interface Way {
  readonly name: "direct" | "fast relay" | "portable relay";
  /** What stands before the server's command, flags of km included. */
  prefix(flags: readonly string[]): readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const DIRECT: Way = { name: "direct", prefix: () => [], env: {} };

/** Under km, with each relay. */
export const UNDER_KM: readonly Way[] = [
  { name: "fast relay", prefix: monitor, env: { KM_RELAY: "fast" } },
  { name: "portable relay", prefix: monitor, env: { KM_RELAY: "portable" } },
];

function monitor(flags: readonly string[]): readonly string[] {
  return [...KM, "monitor", ...flags, "--"];
}

/**
 * Registers a test for the server run directly and under km with each relay: km must not change what it asserts. A run against a built
 * file leaves out the direct way, which is the same with every km.
 */
export function testEveryWay(claim: string, run: (way: Way) => Promise<void>): void {
  for (const way of TESTED_FILE === null ? [DIRECT, ...UNDER_KM] : UNDER_KM) register(way, claim, run);
}

/** Registers a test for each relay: what only km promises. */
export function testEachRelay(claim: string, run: (way: Way) => Promise<void>): void {
  for (const way of UNDER_KM) register(way, claim, run);
}

/** How to reach a process's environment and memory is Linux's own. */
function register(way: Way, claim: string, run: (way: Way) => Promise<void>): void {
  testUnless(unlessOs("linux"), `km monitor (${way.name}) ${claim}`, () => run(way));
}

/** The command line of the fake server in `mode`. */
export function fakeServer(mode: string, ...args: readonly (string | number)[]): readonly string[] {
  const program = fileURLToPath(new URL("fake_server.ts", import.meta.url));
  return [Deno.execPath(), "run", "-A", program, mode, ...args.map(String)];
}

/** `command` as `npx` starts it: a shell that waits for a shell that waits for it. */
export function npxChain(command: readonly string[]): readonly string[] {
  const waiting = ["sh", "-c", '"$@"; exit $?', "sh"];
  return [...waiting, ...waiting, ...command];
}
