/**
 * What a plugin must not get at: secrets in a file, a variable, a pipe; listeners; a process. That it got at one is seen here, and not in that nothing
 * threw.
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startPiped } from "../../proc/child.ts";
import { type InheritablePipe, inheritablePipe } from "../../proc/inherited.ts";
import type { Lure } from "./attempt.ts";

const UNIX = Deno.build.os !== "windows";
/** The smallest WebAssembly module. */
const WASM = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

/** Texts that are nowhere but behind a wall, by what they tell. */
type Secrets = Readonly<Record<string, string>>;

/** One set of canaries: for one plugin at a time. */
export class Canaries implements AsyncDisposable {
  readonly lure: Lure;
  /** Handed to the launch, which must let nothing of it through. */
  readonly env: Readonly<Record<string, string>>;
  readonly #secrets: Secrets;
  readonly #root: string;
  readonly #pipe: InheritablePipe | null;
  readonly #listeners: Listeners;
  readonly #victim: Deno.ChildProcess;
  readonly #victimBefore: string;
  #victimEnded = false;

  private constructor(
    made: Made,
    listeners: Listeners,
    victim: Deno.ChildProcess,
    pipe: InheritablePipe | null,
  ) {
    this.#secrets = made.secrets;
    this.#root = made.root;
    this.#listeners = listeners;
    this.#victim = victim;
    this.#pipe = pipe;
    void victim.status.then(() => this.#victimEnded = true);
    const { tcpPort, udpPort, unixPath } = listeners;
    this.lure = { ...made.lure, tcpPort, udpPort, unixPath, victimPid: victim.pid, fd: pipe?.readFd ?? null };
    this.env = {
      [this.lure.variable]: made.secrets["a variable"] ?? "",
      LD_PRELOAD: "",
      NODE_OPTIONS: "--no-warnings",
    };
    this.#victimBefore = stateOf(this.lure.victim);
  }

  /** Puts them up below the system's temporary folder. `deno` is what the victim runs on. */
  static async open(deno: string): Promise<Canaries> {
    const made = await make();
    const listeners = Listeners.open(made.secrets["a listener"] ?? "", made.root);
    const victim = startPiped([deno, "eval", "--no-config", "await Deno.stdin.read(new Uint8Array(1))"], {
      env: { DENO_NO_UPDATE_CHECK: "1" },
    });
    return new Canaries(made, listeners, victim, inheritablePipe(made.secrets["an inherited pipe"] ?? ""));
  }

  /** Which secret is in `text`; null when none is. */
  secretIn(text: string): string | null {
    for (const [what, secret] of Object.entries(this.#secrets)) {
      if (text.includes(secret)) return `it printed the secret of ${what}`;
    }
    return null;
  }

  /** What has been done to the canaries since the last look, each with the name of the file where there is one. */
  touched(): readonly { readonly evidence: string; readonly name: string | null }[] {
    const found: { evidence: string; name: string | null }[] = [];
    for (const evidence of this.#listeners.taken()) found.push({ evidence, name: null });
    const { out, victim, granted, folder } = this.lure;
    for (const { name } of readFolder(out)) {
      found.push({ evidence: `it made ${name}`, name });
      Deno.removeSync(join(out, name), { recursive: true });
    }
    if (stateOf(victim) !== this.#victimBefore) {
      found.push({ evidence: "it changed a file", name: "c.victim" });
    }
    if (this.#victimEnded) found.push({ evidence: "it ended another process", name: "c.victimPid" });
    if (readFolder(folder).length !== FOLDER_ENTRIES) {
      found.push({ evidence: "it changed a folder", name: null });
    }
    // What it wrote where it may, it may.
    for (const { name } of readFolder(granted)) Deno.removeSync(join(granted, name), { recursive: true });
    return found;
  }

  /** Settles when something is touched that tells at once: a listener. */
  onTouched(listener: () => void): void {
    this.#listeners.onTouched = listener;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listeners.close();
    this.#pipe?.[Symbol.dispose]();
    await this.#victim.stdin.close().catch(() => {});
    await Promise.all([this.#victim.status, this.#victim.stdout.cancel(), this.#victim.stderr.cancel()]);
    await Deno.remove(this.#root, { recursive: true });
  }
}

interface Made {
  readonly root: string;
  readonly secrets: Secrets;
  readonly lure: Omit<Lure, "tcpPort" | "udpPort" | "unixPath" | "victimPid" | "fd">;
}

/** In `folder`: the file, .json, .js, .wasm, the unnamed one, what the link leads to, the link, out, victim, granted, granted-beside. */
const FOLDER_ENTRIES = 11;

async function make(): Promise<Made> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "km-hostile-" }));
  const secret = () => crypto.randomUUID().replaceAll("-", "");
  // A time of which no other part of an answer could be.
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const timeMs = 1_000_000_000_000 + random % 1_000_000 * 1000;
  const secrets = {
    "a file": secret(),
    "a variable": secret(),
    "an inherited pipe": secret(),
    "a listener": secret(),
    "a folder": secret(),
    "a link": secret(),
    "a file's time": String(timeMs),
  };
  const folder = join(root, "user");
  const path = (name: string) => join(folder, name);
  for (const name of ["", "out", "granted", "granted-beside"]) await Deno.mkdir(path(name));
  const text = secrets["a file"];
  await Deno.writeTextFile(path("file"), text);
  await Deno.writeTextFile(path("file.json"), JSON.stringify({ text }));
  await Deno.writeTextFile(path("script.js"), `export default ${JSON.stringify(text)};`);
  await Deno.writeFile(path("m.wasm"), WASM);
  await Deno.writeTextFile(path(secrets["a folder"]), "");
  await Deno.writeTextFile(path(secrets["a link"]), text);
  await Deno.writeTextFile(path("victim"), "as it was");
  await Deno.writeTextFile(path("granted-beside/secret"), text);
  if (UNIX) await Deno.symlink(path(secrets["a link"]), path("link"));
  else await Deno.writeTextFile(path("link"), "");
  await Deno.utime(path("file"), timeMs / 1000, timeMs / 1000);
  const url = (name: string) => pathToFileURL(path(name)).href;
  return {
    root,
    secrets,
    lure: {
      file: path("file"),
      url: url("file"),
      jsonUrl: url("file.json"),
      scriptUrl: url("script.js"),
      folder,
      link: path("link"),
      granted: path("granted"),
      out: path("out"),
      victim: path("victim"),
      variable: "KM_HOSTILE_CANARY",
      hostname: Deno.hostname().toLowerCase(),
      kmPid: Deno.pid,
      token: secret(),
      claim: secret(),
    },
  };
}

/** Waits for whoever should not come. On loopback only: no one else can reach it. */
class Listeners {
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly unixPath: string | null;
  onTouched: () => void = () => {};
  readonly #listeners: Deno.Listener[] = [];
  readonly #udp: Deno.DatagramConn | null;
  readonly #served: Promise<void>[] = [];
  readonly #answer: Uint8Array;
  #taken: string[] = [];

  private constructor(secret: string, folder: string) {
    const head = `HTTP/1.1 200 OK\r\ncontent-length: ${secret.length}\r\nconnection: close\r\n\r\n`;
    this.#answer = new TextEncoder().encode(head + secret);
    const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.tcpPort = (tcp.addr as Deno.NetAddr).port;
    this.#accept(tcp, "TCP");
    this.#tryListen(() => Deno.listen({ hostname: "::1", port: this.tcpPort }), "TCP by IPv6");
    const unixPath = join(folder, "socket");
    const hasUnix = UNIX &&
      this.#tryListen(() => Deno.listen({ transport: "unix", path: unixPath }), "a socket");
    this.unixPath = hasUnix ? unixPath : null;
    this.#udp = openUdp();
    this.udpPort = (this.#udp?.addr as Deno.NetAddr | undefined)?.port ?? 9;
    if (this.#udp !== null) this.#served.push(this.#receive(this.#udp));
  }

  static open(secret: string, folder: string): Listeners {
    return new Listeners(secret, folder);
  }

  taken(): readonly string[] {
    const taken = this.#taken;
    this.#taken = [];
    return taken;
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    this.#udp?.close();
    await Promise.all(this.#served);
  }

  #tryListen(open: () => Deno.Listener, what: string): boolean {
    try {
      this.#accept(open(), what);
      return true;
    } catch {
      return false; // This machine has no such thing.
    }
  }

  #accept(listener: Deno.Listener, what: string): void {
    this.#listeners.push(listener);
    this.#served.push((async () => {
      for await (const connection of listener) {
        this.#take(`it connected to this machine by ${what}`);
        await connection.write(this.#answer).catch(() => {});
        connection.close();
      }
    })());
  }

  async #receive(udp: Deno.DatagramConn): Promise<void> {
    for await (const _ of udp) this.#take("it sent to this machine by UDP");
  }

  #take(evidence: string): void {
    this.#taken.push(evidence);
    this.onTouched();
  }
}

/** Unstable in Deno; without it, nothing that a plugin does needs to be stopped there. */
function openUdp(): Deno.DatagramConn | null {
  try {
    return Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  } catch {
    return null;
  }
}

function readFolder(path: string): Deno.DirEntry[] {
  return [...Deno.readDirSync(path)];
}

/** All that an attempt could change of it. */
function stateOf(path: string): string {
  try {
    const { size, mode, uid, nlink, mtime } = Deno.lstatSync(path);
    return [size, mode, uid, nlink, mtime?.getTime()].join(" ");
  } catch {
    return "gone";
  }
}
