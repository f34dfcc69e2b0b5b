/** Which process listens on a TCP port. Linux; elsewhere, and for processes of other users, nobody says. @module */

/** A process, as far as the system tells. */
export interface PortOwner {
  readonly pid: number;
  /** Name of the program; its arguments may hold secrets. */
  readonly program: string;
  /** Paths of the files that it has open. */
  readonly files: readonly string[];
}

/** State of a listening socket in /proc/net/tcp. @see proc_net_tcp.txt of the Linux kernel */
const LISTENING = "0A";

/** The process that listens on `port`; null when that cannot be told. */
export function portOwner(port: number): PortOwner | null {
  const inodes = ["tcp", "tcp6"].flatMap((table) => listeningInodes(`/proc/net/${table}`, port));
  if (inodes.length === 0) return null;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of entries("/proc").filter((name) => /^\d+$/.test(name))) {
    const files = openFiles(pid);
    if (!files.some((file) => sockets.has(file))) continue;
    const program = readText(`/proc/${pid}/comm`)?.trim() ?? "a program";
    return { pid: Number(pid), program, files: files.filter((file) => file.startsWith("/")) };
  }
  return null;
}

function listeningInodes(table: string, port: number): string[] {
  const end = ":" + port.toString(16).toUpperCase().padStart(4, "0");
  return (readText(table) ?? "").split("\n").slice(1).flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTENING && local.endsWith(end) && inode !== undefined ? [inode] : [];
  });
}

function openFiles(pid: string): string[] {
  return entries(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [Deno.readLinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // It was closed meanwhile.
    }
  });
}

function entries(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // Not Linux, gone, or not ours to look at.
  }
}

function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}
