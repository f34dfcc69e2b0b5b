/** `km serve`: the local daemon. @module */
import { forgetServeVariables } from "../../config/launch_environment.ts";
import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { ENDING_SIGNALS, ignoresHangup, onSignal } from "../../proc/signals.ts";
import type { Daemon } from "../../daemon/daemon.ts";
import { type DaemonLog, fileLog, streamLog } from "../../daemon/daemon_log.ts";
import { command as defineCommand, type FlagValues } from "../command.ts";
import { serveDetached } from "../detached.ts";
import { loadDaemon } from "../packages.ts";
import { linkLine, openBrowser } from "../sign_in_link.ts";
import { write, writeError } from "../terminal.ts";
import { VERSION } from "./version.ts";

const DEFAULT_PORT = 4242;
/** The answer, and the port for curl and native clients. */
const LOW_PORT = 42;

const FLAGS = [
  {
    name: "port",
    short: "p",
    type: "number",
    default: String(DEFAULT_PORT),
    help: "Port to listen on; 0 takes any free one",
  },
  {
    name: "host",
    type: "string",
    default: "127.0.0.1",
    placeholder: "address",
    help: "Address to listen on; any but loopback needs TLS or --insecure-bind",
  },
  {
    name: "also",
    type: "string",
    default: "auto",
    placeholder: "auto|off|port",
    help: `Second port, where the system allows it; auto: ${LOW_PORT} beside ${DEFAULT_PORT}`,
  },
  {
    name: "open",
    type: "boolean",
    help: "Open the dashboard in a browser, signed in, and print a link that does so once",
  },
  {
    name: "detach",
    short: "d",
    type: "boolean",
    help: "Go on in the background; see km status, km stop, km logs",
  },
  { name: "tls-cert", type: "string", placeholder: "file", help: "Certificate (PEM): serve HTTPS" },
  { name: "tls-key", type: "string", placeholder: "file", help: "Key of the certificate (PEM)" },
  {
    name: "insecure-bind",
    type: "boolean",
    help: "Serve plain HTTP on an address that other machines reach",
  },
  {
    name: "allow-host",
    type: "string",
    placeholder: "names",
    help: "Names, separated by commas, that requests may be addressed to besides localhost",
  },
  {
    name: "log-file",
    type: "string",
    placeholder: "file",
    help: "Log there instead of on stderr; turned over at 5 MB",
  },
] as const;

export type ServeFlags = FlagValues<typeof FLAGS>;

export const command = defineCommand({
  name: "serve",
  summary: "Serve what was recorded: dashboard, API and live stream, on this machine",
  details:
    "One daemon serves one home. It needs no word from the monitors: what they record is seen at once. " +
    `Port ${LOW_PORT} is for curl and native clients; browsers and fetch() refuse it. ` +
    "SIGTERM, Ctrl-C or closing the terminal lets requests under way end, within 5 s; a second one ends at once.",
  flags: FLAGS,
  examples: [
    ["km serve", "then open the link that it prints"],
    ["km serve --detach", "in the background: km status, km logs, km stop"],
    [
      'curl -H "Authorization: Bearer $(cat ~/.km/token)" 127.0.0.1:4242/api/activity',
      "ask it from a script",
    ],
  ],
  async run(flags) {
    forgetServeVariables();
    checkPort(flags.port);
    const also = alsoPort(flags);
    const tls = readTls(flags);
    if (flags.detach) return await serveDetached(flags);
    // Before anybody is told that it runs: who reads the address may end it at once.
    const signals = catchSignals();
    const { startDaemon } = await loadDaemon();
    using log = flags.logFile === undefined ? streamLog(writeError) : fileLog(flags.logFile);
    const paths = kmPaths();
    const daemon = await startDaemon({
      paths,
      host: flags.host,
      port: flags.port,
      alsoPort: also,
      version: VERSION,
      tls,
      insecureBind: flags.insecureBind,
      allowHosts: flags.allowHost?.split(",").map((name) => name.trim()).filter(Boolean) ?? [],
      log: (line) => log.line(line),
    });
    write(`km serves ${daemon.urls.join(" and ")}\n`);
    // Not where nobody looks, as under systemd: what signs in does not belong into a log.
    if (flags.open || Deno.stdout.isTerminal()) write(`${linkLine(daemon.createLink())}\n`);
    if (flags.open) void openBrowser(daemon.createLink()).catch(() => {}); // Another one: each works once.
    // stderr is mostly seen beside stdout, which names the addresses; a file stands alone.
    const serves = flags.logFile === undefined ? "started" : `serves ${daemon.urls.join(" and ")}`;
    log.line(`km ${VERSION} ${serves}, home ${paths.home}, pid ${Deno.pid}`);
    for (const note of daemon.notes) log.line(note);
    await watchForReleases(log, flags.logFile !== undefined);
    return await untilStopped(daemon, signals, log);
  },
});

/** Once a day, a line about a newer release: in the log, and where that is a file, for who sits at the terminal too. */
async function watchForReleases(log: DaemonLog, isLogFile: boolean): Promise<void> {
  const isTerminal = Deno.stderr.isTerminal();
  const notice = await import("../update/update_notice.ts");
  notice.watchForReleases({
    isTerminal,
    tell(line) {
      log.line(line);
      if (isTerminal && isLogFile) writeError(`${line}\n`);
    },
  });
}

/** One Ctrl-C, one `timeout`, may come twice: from the terminal and from a program in between. Only later ones are a second, in ms. */
const AGAIN_MS = 300;

interface Signals {
  /** The first one. */
  readonly first: Promise<string>;
  /** The exit code that a second one asks for. */
  readonly second: Promise<number>;
}

/** Catches signals from now on. */
function catchSignals(): Signals {
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<number>();
  let firstMs: number | null = null;
  const isDeaf = ignoresHangup();
  for (const [signal, number] of ENDING_SIGNALS) {
    onSignal(signal, () => {
      // Caught all the same: once one signal is, Deno ends the process on this one.
      if (signal === "SIGHUP" && isDeaf) return;
      if (firstMs === null) first.resolve(signal);
      else if (performance.now() - firstMs > AGAIN_MS) second.resolve(128 + number);
      firstMs ??= performance.now();
    });
  }
  return { first: first.promise, second: second.promise };
}

/** Serves until a signal comes; returns the exit code. @throws {KmError} when the home was lost */
async function untilStopped(daemon: Daemon, signals: Signals, log: DaemonLog): Promise<number> {
  const reason = await Promise.race([signals.first, daemon.homeLost]);
  log.line(`stopping: ${reason instanceof KmError ? reason.message : reason}`);
  const stopped = daemon.stop().then(({ cut }) => {
    if (cut) log.line("some requests took too long and were cut");
    return 0;
  });
  const code = await Promise.race([stopped, signals.second]);
  log.line(code === 0 ? "stopped" : "ended at once by a second signal");
  if (code === 0 && reason instanceof KmError) throw reason;
  return code;
}

const MAX_PORT = 65_535;

/** @throws {KmError} usage */
function checkPort(port: number): void {
  if (port <= MAX_PORT) return;
  throw new KmError("usage", `Cannot listen on port ${port} (--port)`, {
    hint: `a port is a number from 0 to ${MAX_PORT}; 0 takes any free one`,
  });
}

/** The second port: null for none. @throws {KmError} usage */
function alsoPort({ also, port }: ServeFlags): number | null {
  if (also === "off") return null;
  if (also === "auto") return port === DEFAULT_PORT ? LOW_PORT : null;
  const number = /^\d{1,5}$/.test(also) ? Number(also) : NaN;
  if (number >= 1 && number <= MAX_PORT) return number === port ? null : number;
  throw new KmError("usage", `Cannot read "${also}" as a port (--also)`, {
    hint: `auto, off, or a port from 1 to ${MAX_PORT}, such as ${LOW_PORT}`,
  });
}

/** @throws {KmError} usage */
function readTls(
  { tlsCert, tlsKey }: ServeFlags,
): { readonly cert: string; readonly key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new KmError("usage", "Cannot serve HTTPS with half of what it takes", {
      hint: "give both --tls-cert and --tls-key",
    });
  }
  return { cert: readPem(tlsCert, "--tls-cert"), key: readPem(tlsKey, "--tls-key") };
}

function readPem(path: string, flag: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new KmError(
      "usage",
      `Cannot read "${path}" (${flag}): ${error instanceof Error ? error.message : error}`,
    );
  }
}
