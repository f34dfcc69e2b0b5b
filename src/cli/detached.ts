/** `km serve --detach`: starts the daemon in the background and waits until it listens. @module */
import { kmPaths } from "../config/paths.ts";
import { KmError } from "../core/error.ts";
import { type DaemonRecord, findDaemon } from "../daemon/daemon_file.ts";
import { type Detached, startDetached } from "../proc/detach.ts";
import { isOfThisHost } from "../store/process_mark.ts";
import type { ServeFlags } from "./commands/serve.ts";
import { selfCommand } from "./self.ts";
import { linkLine, openBrowser, requestLink } from "./sign_in_link.ts";
import { write, writeError } from "./terminal.ts";

/** How long it may take to listen, in ms: the first start may have to fetch packages. */
const START_MS = 60_000;
const LOOK_MS = 20;

/**
 * Prints the address once it listens; returns the exit code.
 * @throws {KmError} store_unavailable when the log cannot be written, unsupported when it does not come up
 */
export async function serveDetached(flags: ServeFlags): Promise<number> {
  const started = await startDaemon(flags);
  if (started.daemon === null) {
    writeError(started.said);
    return started.code;
  }
  const { daemon } = started;
  write(`km serves ${daemon.urls.join(" and ")} in the background (pid ${daemon.pid})\n`);
  if (flags.open) {
    write(`${linkLine(await requestLink(daemon))}\n`);
    await openBrowser(await requestLink(daemon)); // Another one: each works once.
  } else if (Deno.stdout.isTerminal()) write('"km open" gives a link for a browser\n');
  return 0;
}

/** A daemon in the background, or why there is none. */
export type Started =
  | { readonly daemon: DaemonRecord }
  | { readonly daemon: null; readonly code: number; readonly said: string };

/** As `km serve --detach --port <port>`, without a word. @throws {KmError} as serveDetached */
export async function startInBackground(port: number): Promise<Started> {
  return await startDaemon({
    port,
    host: "127.0.0.1",
    also: "auto",
    open: false,
    detach: true,
    tlsCert: undefined,
    tlsKey: undefined,
    insecureBind: false,
    allowHost: undefined,
    logFile: undefined,
  });
}

async function startDaemon(flags: ServeFlags): Promise<Started> {
  const paths = kmPaths();
  const logPath = flags.logFile ?? paths.log;
  const before = sizeOf(logPath);
  const child = startChild(flags, { home: paths.home, logPath });
  let exit: number | undefined;
  void child.ended.then((code) => exit = code ?? 1, () => exit = 1);
  const end = performance.now() + START_MS;
  for (;;) {
    const daemon = findDaemon(paths.daemon);
    if (daemon?.pid === child.pid && isOfThisHost(daemon.process)) {
      child.letGo();
      return { daemon };
    }
    if (exit !== undefined) return { daemon: null, code: exit, said: textFrom(logPath, before) };
    if (performance.now() > end) throw tooSlow(logPath, child.pid);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function startChild(flags: ServeFlags, { home, logPath }: { home: string; logPath: string }): Detached {
  try {
    Deno.mkdirSync(home, { recursive: true, mode: 0o700 });
    return startDetached(selfCommand("serve", ...serveWords(flags, logPath)), logPath);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new KmError("store_unavailable", `Cannot serve "${home}" in the background: ${reason}`, {
      hint: "its log must be writable: check the permissions of the folder, or set KM_HOME to another one",
      cause: error,
    });
  }
}

/** The same flags, for the child. Paths are made absolute by the folder both share. */
function serveWords(flags: ServeFlags, logPath: string): string[] {
  const words = [
    "--port",
    String(flags.port),
    "--host",
    flags.host,
    "--also",
    flags.also,
    "--log-file",
    logPath,
  ];
  if (flags.tlsCert !== undefined) words.push("--tls-cert", flags.tlsCert);
  if (flags.tlsKey !== undefined) words.push("--tls-key", flags.tlsKey);
  if (flags.allowHost !== undefined) words.push("--allow-host", flags.allowHost);
  if (flags.insecureBind) words.push("--insecure-bind");
  return words;
}

function tooSlow(logPath: string, pid: number): KmError {
  return new KmError("unsupported", `Cannot say that km serve runs: pid ${pid} does not listen after 60 s`, {
    hint: `see ${logPath}`,
  });
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

/** What was added to a log: the child's own error messages. */
function textFrom(path: string, from: number): string {
  const bytes = Deno.readFileSync(path);
  return new TextDecoder().decode(bytes.subarray(Math.min(from, bytes.length)));
}
