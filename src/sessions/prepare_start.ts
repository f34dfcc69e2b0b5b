/** Everything that can be wrong with a session is found out here, before anything is started or stored. @module */
import { isAbsolute, join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { redactCommand } from "../core/redact.ts";
import { DEFAULT_SIZE, MAX_COLS, MAX_ROWS, type Session, type TerminalSize } from "../core/session.ts";
import { hookSettings } from "./detect/hooks.ts";
import { asksFullAccess, childEnvironment, launchOf, programAsksFullAccess } from "./providers/launch.ts";
import type { Provider } from "./providers/provider.ts";
import { missingProvider } from "./providers/providers.ts";
import { refuseSecret } from "./refuse_secret.ts";
import type { Caller, StartOptions } from "./start_options.ts";

const HOOKS_NAME = /\.(?:jsonl|settings\.json)$/;
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

export interface PrepareDeps {
  readonly caller: Caller;
  readonly id: string;
  readonly providers: ReadonlyMap<string, Provider>;
  /** What is wrong with those of the user. */
  readonly providerProblems?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly hooksFolder: string;
  readonly isNameTaken: (name: string) => boolean;
}

/** A session that can be started. */
export interface Prepared {
  /** Without number, and without a name when none was chosen. */
  readonly session: Session;
  readonly provider: Provider;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly searchPath: string;
  readonly hooksFile: string | null;
}

/** @throws {KmError} usage, not_found */
export async function prepareStart(options: StartOptions, deps: PrepareDeps): Promise<Prepared> {
  const { providers, providerProblems: problems = [] } = deps;
  const provider = providers.get(options.provider);
  if (!provider) throw missingProvider("start", options.provider, { providers, problems });
  const { environment, id, caller } = deps;
  if (options.command !== undefined && (provider.name !== "shell" || options.command.length === 0)) {
    throw new KmError(
      "usage",
      `Cannot run a command of your own as "${provider.name}": only "shell" takes one`,
    );
  }
  checkFullAccess(options, provider);
  const cwd = folderOf(options.cwd ?? environment["HOME"] ?? "/");
  const size = sizeOf(options.size ?? DEFAULT_SIZE);
  const name = nameOf(options.name, deps.isNameTaken);
  const hooksFile = provider.hooks === null ? null : join(deps.hooksFolder, `${id}.jsonl`);
  const launch = launchOf(provider, {
    args: options.args ?? [],
    fullAccess: options.fullAccess ?? false,
    newId: () => crypto.randomUUID(),
    ...(options.resumeId !== undefined && { resumeId: options.resumeId }),
    ...(hooksFile !== null && { hooksFile: settingsBeside(hooksFile) }),
    ...(environment["SHELL"] !== undefined && { shell: environment["SHELL"] }),
  });
  const command = options.command ?? launch.command;
  const env = childEnvironment(environment, provider, { ...launch.env, ...options.env });
  const nowUs = systemClock.nowUs();
  const session: Session = {
    id,
    number: 0,
    name,
    provider: provider.name,
    command: redactCommand(command),
    cwd,
    // What it is, whether it was called so or not.
    fullAccess: (options.fullAccess ?? false) || asksFullAccess(provider, options.args ?? [], options.env) ||
      programAsksFullAccess(options.command ?? [], providers.values(), options.env),
    state: "starting",
    stateReason: "started",
    stateSource: "spawn",
    stateSinceUs: nowUs,
    createdUs: nowUs,
    endedUs: null,
    exitCode: null,
    exitSignal: null,
    size,
    title: "",
    pid: null,
    resumeId: launch.resumeId,
    resumedFrom: options.resumedFrom ?? null,
    createdBy: caller.name,
    seq: 0,
    seen: true,
  };
  // Last: nothing may be wrong after it.
  if (hooksFile !== null) await makeHookFiles(deps.hooksFolder, hooksFile);
  return {
    session,
    provider: watchedAs(provider, options),
    command,
    env,
    searchPath: env["PATH"] ?? "",
    hooksFile,
  };
}

/** A program of the user's own, or what a shell is told to run, may be quiet while it waits for an answer. */
function watchedAs(provider: Provider, { command, args = [] }: StartOptions): Provider {
  const isOwn = command !== undefined || (provider.quiet === "foreground" && args.length > 0);
  return isOwn ? { ...provider, quiet: "running" } : provider;
}

/** Whoever asks for more than is possible is told so. @throws {KmError} usage */
function checkFullAccess({ fullAccess = false }: StartOptions, { name, fullAccess: access }: Provider): void {
  if (!fullAccess || access !== null) return;
  throw new KmError("usage", `Cannot start with full access: km knows no such switch of "${name}"`, {
    hint: 'leave it away; a provider of your own says with "fullAccess" how its safeguards are switched off',
  });
}

/** @throws {KmError} usage */
export function sizeOf({ cols, rows }: TerminalSize): TerminalSize {
  const isRight = Number.isInteger(cols) && Number.isInteger(rows) && cols >= 2 && rows >= 1 &&
    cols <= MAX_COLS &&
    rows <= MAX_ROWS;
  if (isRight) return { cols, rows };
  throw new KmError(
    "usage",
    `Cannot make a terminal of ${cols} × ${rows} cells: 2 × 1 to ${MAX_COLS} × ${MAX_ROWS}`,
  );
}

function folderOf(path: string): string {
  if (!isAbsolute(path)) throw new KmError("usage", `Cannot start in "${path}": the path must be absolute`);
  try {
    if (Deno.statSync(path).isDirectory) return path;
  } catch {
    // Said below.
  }
  throw new KmError("not_found", `Cannot start in "${path}": there is no such folder`);
}

function nameOf(name: string | undefined, isTaken: (name: string) => boolean): string {
  if (name === undefined || name === "") return "";
  refuseSecret("name a session so", name);
  if (!NAME.test(name) || /^\d+$/.test(name)) {
    throw new KmError(
      "usage",
      `Cannot name a session ${JSON.stringify(name)}: letters, digits, ".", "_" and "-"`,
      {
        hint: "a name that is all digits would be taken for a number",
      },
    );
  }
  if (isTaken(name)) {
    throw new KmError("usage", `Cannot name a session "${name}": one that runs is called so`);
  }
  return name;
}

async function makeHookFiles(folder: string, file: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await Deno.writeTextFile(file, "", { mode: 0o600 });
    await Deno.writeTextFile(settingsBeside(file), JSON.stringify(hookSettings(file)), { mode: 0o600 });
  } catch (error) {
    removeHookFiles(file);
    throw error;
  }
}

/** Removes what `prepareStart` made for the hooks of a session. */
export function removeHookFiles(hooksFile: string): void {
  for (const path of [hooksFile, settingsBeside(hooksFile)]) removeIfThere(path);
}

/** What is there of hooks, by the name of each file. */
export function hookFilesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name }) => HOOKS_NAME.test(name))
      .map(({ name }) => join(folder, name));
  } catch {
    return []; // None was ever made.
  }
}

export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Gone already, or not ours to remove: it does no harm.
  }
}

function settingsBeside(hooksFile: string): string {
  return hooksFile.replace(/\.jsonl$/, ".settings.json");
}
