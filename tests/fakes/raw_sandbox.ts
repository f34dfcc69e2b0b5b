/** For tests: a program of the test's own where the bootstrap would be, behind the very same launch. @module */
import { PATIENCE_MS } from "../e2e/harness.ts";
import { type Altered, launchSandbox } from "../../src/plugins/sandbox/launch.ts";
import { NO_PERMISSIONS } from "../../src/plugins/sandbox/permissions_in_force.ts";
import type {
  RefusedAccess,
  Sandbox,
  SandboxEnd,
  SandboxLimits,
  SandboxOptions,
} from "../../src/plugins/sandbox/sandbox.ts";

/** Wide enough for what a test does not test. */
export const LIMITS: SandboxLimits = {
  heapMiB: 96,
  residentMiB: 192,
  cpuPercent: 100,
  frameBytes: 1024 * 1024,
};

/** One frame that came out. */
export interface Frame {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/** A sandbox and what it told. */
export interface RawRun {
  readonly sandbox: Sandbox;
  readonly refused: readonly RefusedAccess[];
  readonly ends: readonly SandboxEnd[];
  stderr(): string;
  /** The next frame, waited for. */
  frame(): Promise<Frame>;
  /** Its end, waited for. */
  ended(): Promise<SandboxEnd>;
}

/** Runs `program` in a sandbox; `runtime` is made below `folder`. */
export async function launchRaw(
  folder: string,
  program: string,
  options: Partial<SandboxOptions> = {},
  altered: Altered = {},
): Promise<RawRun> {
  const frames = new Queue<Frame>();
  const ended = Promise.withResolvers<SandboxEnd>();
  const refused: RefusedAccess[] = [], ends: SandboxEnd[] = [];
  let stderr = "";
  const sandbox = await launchSandbox({
    deno: Deno.execPath(),
    code: new TextEncoder().encode("export default 1;"),
    permissions: NO_PERMISSIONS,
    limits: LIMITS,
    runtime: `${folder}/runtime`,
    env: {},
    niceness: 0,
    on: {
      onFrame: (header, payload) => frames.add({ header, payload }),
      onRefused: (access) => void refused.push(access),
      onStderr: (text) => void (stderr += text),
      onEnd(end) {
        ends.push(end);
        ended.resolve(end);
      },
    },
    ...options,
  }, { bootstrap: new TextEncoder().encode(program), ...altered });
  return {
    sandbox,
    refused,
    ends,
    stderr: () => stderr,
    frame: () => patiently(frames.next(), "a frame"),
    ended: () => patiently(ended.promise, "the end"),
  };
}

/** Things that come, and those who wait for them, first come first served. */
class Queue<T> {
  readonly #things: T[] = [];
  readonly #waiting: ((thing: T) => void)[] = [];

  add(thing: T): void {
    const first = this.#waiting.shift();
    if (first) first(thing);
    else this.#things.push(thing);
  }

  next(): Promise<T> {
    const thing = this.#things.shift();
    return thing ? Promise.resolve(thing) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

async function patiently<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) =>
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE_MS)
  );
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
