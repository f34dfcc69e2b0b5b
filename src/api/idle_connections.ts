/**
 * Ends connections that ask nothing: idle ones, and those whose request never becomes whole. Deno.serve has no limit for either
 * (Deno 2.9.6: after 150 s of one byte a second, and of silence, both were open; 2026-11-21). Where connections cannot be seen
 * (macOS, Windows) nothing is ended.
 * @module
 */
import { connectionsTo, endConnections, type TcpConnection } from "../proc/tcp_connections.ts";

export interface IdleLimits {
  /** How long a connection may ask nothing, in ms. Clients keep idle ones for 4 s (node) to 90 s (Rust) themselves. */
  readonly idleMs: number;
  /** From so many connections on, `crowdedIdleMs` counts. */
  readonly crowdedFrom: number;
  readonly crowdedIdleMs: number;
}

export const IDLE_LIMITS: IdleLimits = { idleMs: 75_000, crowdedFrom: 2_000, crowdedIdleMs: 10_000 };
const LOOK_EVERY_MS = 5_000;

/** What reaches outside of the process; tests hand in less. */
export interface Connections {
  list(): readonly TcpConnection[];
  end(connections: readonly TcpConnection[]): void;
  nowMs(): number;
}

interface Seen {
  inode: string | null;
  /** Requests that have no whole answer yet; a WebSocket counts as long as it lives. */
  underWay: number;
  idleSinceMs: number;
}

export class IdleConnections implements Disposable {
  readonly #connections: Connections;
  readonly #limits: IdleLimits;
  /** By the port of the other end. Two hosts may have the same: then the one that is busy protects both. */
  readonly #seen = new Map<number, Seen>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    port: number,
    limits: IdleLimits = IDLE_LIMITS,
    connections: Connections = systemConnections(port),
  ) {
    this.#connections = connections;
    this.#limits = limits;
    this.#timer = setInterval(() => this.sweep(), LOOK_EVERY_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** A request came; `answered` settles when its answer is sent, or broke off. */
  busy(remotePort: number, answered: Promise<unknown>): void {
    const seen = this.#of(remotePort);
    seen.underWay++;
    const done = () => {
      seen.underWay--;
      seen.idleSinceMs = this.#connections.nowMs();
    };
    answered.then(done, done);
  }

  /** The connection is no longer HTTP: it has limits of its own. */
  upgraded(remotePort: number): void {
    this.#of(remotePort).underWay = Infinity;
  }

  /** Breaks off what comes from this port. */
  end(remotePort: number): void {
    this.#connections.end(
      this.#connections.list().filter((connection) => connection.remotePort === remotePort),
    );
  }

  /** Ends what has been idle for too long. */
  sweep(): void {
    const { idleMs, crowdedFrom, crowdedIdleMs } = this.#limits;
    const open = this.#connections.list();
    const allowedMs = open.length < crowdedFrom ? idleMs : crowdedIdleMs;
    this.#forgetClosed(open);
    const nowMs = this.#connections.nowMs();
    this.#connections.end(open.filter(({ remotePort, inode }) => {
      const seen = this.#of(remotePort);
      if (seen.inode !== null && seen.inode !== inode) return false; // Two hosts, one port.
      seen.inode = inode;
      return seen.underWay === 0 && nowMs - seen.idleSinceMs >= allowedMs;
    }));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #of(remotePort: number): Seen {
    const known = this.#seen.get(remotePort);
    if (known) return known;
    const seen: Seen = { inode: null, underWay: 0, idleSinceMs: this.#connections.nowMs() };
    this.#seen.set(remotePort, seen);
    return seen;
  }

  #forgetClosed(open: readonly TcpConnection[]): void {
    const inodes = new Map(open.map(({ remotePort, inode }) => [remotePort, inode]));
    for (const [remotePort, seen] of this.#seen) {
      const inode = inodes.get(remotePort);
      if (inode === undefined) {
        this.#seen.delete(remotePort);
      } else if (seen.inode !== inode) {
        // A new connection. What is under way may be its own: what the old one asked has ended with it, or soon will.
        if (seen.inode !== null) seen.idleSinceMs = this.#connections.nowMs();
        seen.inode = inode;
      }
    }
  }
}

function systemConnections(port: number): Connections {
  return { list: () => connectionsTo(port), end: endConnections, nowMs: () => performance.now() };
}
