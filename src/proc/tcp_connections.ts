/** Connections that this process has accepted, and a way to end one from outside of whoever holds it. Linux; elsewhere none are seen. @module */

/** One accepted connection. */
export interface TcpConnection {
  readonly remotePort: number;
  /** Number of the socket in the kernel: tells a connection from a later one of the same port. */
  readonly inode: string;
}

/** States of /proc/net/tcp that still cost a descriptor: established, and closed by the other side only. */
const OPEN_STATES: ReadonlySet<string> = new Set(["01", "08"]);
const SHUT_BOTH = 2;

/** The connections to `port` of this machine. @see proc_net_tcp.txt of the Linux kernel */
export function connectionsTo(port: number): TcpConnection[] {
  return ["tcp", "tcp6"].flatMap((table) => readTable(table, port));
}

/** Ends connections, as if the other side had closed them. */
export function endConnections(connections: readonly TcpConnection[]): void {
  const sockets = new Set(connections.map(({ inode }) => `socket:[${inode}]`));
  if (sockets.size === 0) return;
  const libc = Deno.dlopen("libc.so.6", { shutdown: { parameters: ["i32", "i32"], result: "i32" } });
  try {
    for (const { name } of Deno.readDirSync("/proc/self/fd")) {
      // Looked at right before the call: a number may have passed to another socket meanwhile.
      if (sockets.has(targetOf(`/proc/self/fd/${name}`))) libc.symbols.shutdown(Number(name), SHUT_BOTH);
    }
  } finally {
    libc.close();
  }
}

function readTable(table: string, port: number): TcpConnection[] {
  const end = ":" + port.toString(16).toUpperCase().padStart(4, "0");
  return readText(`/proc/self/net/${table}`).split("\n").slice(1).flatMap((line) => {
    const [, local = "", remote = "", state = "", , , , , , inode = "0"] = line.trim().split(/\s+/);
    if (!local.endsWith(end) || !OPEN_STATES.has(state) || inode === "0") return [];
    return [{ remotePort: parseInt(remote.slice(remote.indexOf(":") + 1), 16), inode }];
  });
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // Not Linux, or no IPv6.
  }
}

function targetOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // It was closed meanwhile.
  }
}
