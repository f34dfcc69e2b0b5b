/**
 * Starts the server and moves its bytes: the fast way (FFI, a thread of its own) where libc is known, the portable way elsewhere.
 * Both keep the same promises and pass the same tests. @module
 */
import type { ServerExit } from "./server_exit.ts";

/** Which relay moves the bytes. */
export type RelayKind = "fast" | "portable";

/** A server under way, its streams about to be joined to km's own. */
export interface Relay {
  /** Process id of the server; on Unix also its process group. */
  readonly pid: number;
  readonly kind: RelayKind;
  /** When the server ended, and how. */
  readonly exited: Promise<ServerExit>;
  /** When the client's stdin ended, or `closeInput` was obeyed; gives the time, in ms since the Unix epoch. */
  readonly clientEof: Promise<number>;
  /** When everything that could be delivered is delivered and the client sees its streams closed. */
  readonly done: Promise<void>;
  /** Starts moving bytes. Apart from starting the server, so that signals and a death of km are seen to first. */
  run(): void;
  /** Ends the server's stdin as if the client had closed it. */
  closeInput(): void;
  /** Gives up what is still undelivered. */
  finish(): void;
  /** Sends `signal` to the server's whole process group. Returns false when nobody is left in it. */
  signalGroup(signal: Deno.Signal): boolean;
}

/** What a relay needs to start. */
export interface RelayOptions {
  readonly argv: readonly string[];
  /** Shared memory of the tap that gets the copies; null: none are taken. */
  readonly tap: SharedArrayBuffer | null;
  /** The user's PATH: where the command is looked up, and what an error names. */
  readonly searchPath: string;
  /** What Windows needs to resolve a command: `PATHEXT` and `ComSpec`. */
  readonly windowsEnv?: { readonly pathExt?: string; readonly comSpec?: string };
  /** Forces one relay; otherwise the fast one where it works. */
  readonly kind?: RelayKind | undefined;
}

/**
 * Starts the server and prepares the relay in front of it.
 * @throws {KmError} command_not_found, command_not_executable
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  if (options.kind !== "portable" && (Deno.build.os === "linux" || Deno.build.os === "darwin")) {
    const { startFastRelay } = await import("./fast_relay.ts");
    const relay = startFastRelay(options);
    if (relay !== null) return relay;
  }
  const { startPortableRelay } = await import("./portable_relay.ts");
  return startPortableRelay(options);
}
