/** How a provider is started: its command line and its environment, of which an allow-list is all it gets. @module */
import { basename } from "node:path";
import type { Provider } from "./provider.ts";

export interface LaunchOptions {
  /** What the user wrote behind `--`. */
  readonly args: readonly string[];
  /** Switch its safeguards off. */
  readonly fullAccess: boolean;
  /** Go on with this conversation. */
  readonly resumeId?: string;
  /** Makes the id of a new conversation: a UUID. */
  readonly newId: () => string;
  /** A settings file that sets hooks. */
  readonly hooksFile?: string;
  /** The user's shell, for a provider without a command of its own. */
  readonly shell?: string;
}

export interface Launch {
  /** Program first. */
  readonly command: readonly string[];
  /** What this start adds to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The id of the conversation, where it is known beforehand. */
  readonly resumeId: string | null;
}

/** Variables that any program in a terminal needs, and that are no secrets. `*` at the end: whatever begins so. */
const BASE = [
  "PATH HOME USER LOGNAME SHELL LANG LANGUAGE LC_* TZ TMPDIR TMP TEMP XDG_*",
  "EDITOR VISUAL PAGER LESS LS_COLORS NO_COLOR",
  "SSH_AUTH_SOCK SSH_AGENT_PID GPG_TTY DISPLAY WAYLAND_DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS BROWSER",
  // Where programs are found, and the way to the network.
  "NVM_DIR NVM_BIN VOLTA_HOME PNPM_HOME BUN_INSTALL DENO_DIR DENO_INSTALL CARGO_HOME RUSTUP_HOME GOPATH GOROOT",
  "JAVA_HOME PYENV_ROOT VIRTUAL_ENV CONDA_PREFIX HOMEBREW_* MISE_* ASDF_*",
  "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy",
  "SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE CURL_CA_BUNDLE",
].join(" ").split(" ");
/** The same for Windows, where names have no case. */
const WINDOWS = [
  "SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES USERPROFILE USERNAME",
  "HOMEDRIVE HOMEPATH OS PROCESSOR_ARCHITECTURE NUMBER_OF_PROCESSORS PSMODULEPATH",
].join(" ").split(" ");

/**
 * What the program is told about its terminal, which is km's and not the one that km was started in. TERM_PROGRAM is km's own name: with that of
 * another terminal, programs send what only that one understands.
 */
const TERMINAL: Readonly<Record<string, string>> = {
  TERM: "xterm-256color",
  COLORTERM: "truecolor",
  TERM_PROGRAM: "km",
};
/** Names of variables that a session may be given. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The command line of a session. */
export function launchOf(provider: Provider, options: LaunchOptions): Launch {
  const { args, fullAccess } = options;
  const program = provider.command.length > 0 ? provider.command : [options.shell ?? "/bin/sh"];
  const isSubcommand = provider.subcommands.includes(args[0] ?? "");
  if (isSubcommand) return { command: [...program, ...args], env: {}, resumeId: null };
  const conversation = conversationOf(provider, options);
  const hooks = provider.hooks !== null && options.hooksFile !== undefined && !hasFlag(args, "--settings")
    ? ["--settings", options.hooksFile]
    : [];
  // Once: some programs end when a flag is given twice.
  const access = fullAccess && !asksFullAccess(provider, args) ? provider.fullAccess : null;
  return {
    command: [...program, ...conversation.args, ...hooks, ...access?.args ?? [], ...args],
    env: { ...access?.env },
    resumeId: conversation.id,
  };
}

/**
 * True when `args`, `env` or the provider's own command switch its safeguards off, whoever calls that full access or not. What stands behind `--`
 * counts, too: it may be the value of an option before it, and one session too many shown as dangerous does less harm than one too few.
 */
export function asksFullAccess(
  provider: Provider,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): boolean {
  const { command, setEnv, structured } = provider;
  const given = [...command.slice(1), ...structured?.args ?? [], ...args];
  return switchesOff(provider, given, { ...setEnv, ...env });
}

/** The same of a program by path or name, which may be that of a provider: `/opt/bin/claude` is Claude Code, whoever starts it. */
export function programAsksFullAccess(
  [program = "", ...args]: readonly string[],
  providers: Iterable<Provider>,
  env: Readonly<Record<string, string>> = {},
): boolean {
  const name = programName(program);
  return [...providers].some((provider) =>
    programName(provider.command[0] ?? "") === name && switchesOff(provider, args, env)
  );
}

/** Without its folder, and on Windows without what makes it a program. */
function programName(path: string): string {
  return basename(path.replaceAll("\\", "/")).replace(/\.(?:exe|cmd|bat|ps1)$/i, "");
}

function switchesOff(
  { fullAccess, structured }: Provider,
  given: readonly string[],
  env: Readonly<Record<string, string>>,
): boolean {
  if (Object.entries(fullAccess?.env ?? {}).some(([name, value]) => env[name] === value)) return true;
  const known = fullAccess?.flags ?? [];
  const flags = known.length > 0
    ? known
    : [...flagsOf(fullAccess?.args ?? []), ...flagsOf(structured?.fullAccessArgs ?? [])];
  return flags.some((flag) => given.some((arg, index) => isFlag(flag, arg, given[index + 1])));
}

/** Each flag with its value. */
function flagsOf(args: readonly string[]): string[] {
  const flags: string[] = [];
  for (const arg of args) {
    const before = flags.at(-1);
    if (arg.startsWith("-") || before === undefined) flags.push(arg);
    else flags.splice(-1, 1, `${before} ${arg}`);
  }
  return flags;
}

/** `--flag value`, `--flag=value`, `-fvalue`; without a value `--flag`, `--flag=true`, and `-xf` for `-f`. */
function isFlag(flag: string, arg: string, next: string | undefined): boolean {
  const [name = "", ...values] = flag.split(" ");
  const isShort = /^-[A-Za-z]$/.test(name);
  const given = arg.startsWith(`${name}=`) ? arg.slice(name.length + 1) : null;
  if (values.length === 0) {
    if (arg === name) return true;
    if (given !== null) return !/^(?:false|0|no|)$/i.test(given);
    return isShort && /^-[A-Za-z]+$/.test(arg) && arg.includes(name.slice(1));
  }
  const value = values.join(" ");
  if (arg === name) return next !== undefined && isLike(value, next);
  if (given !== null) return isLike(value, given);
  return isShort && arg.startsWith(name) && isLike(value, arg.slice(name.length));
}

function isLike(pattern: string, text: string): boolean {
  const parts = pattern.toLowerCase().split("*").map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(text.toLowerCase());
}

/** Arguments that choose the conversation, and its id. */
function conversationOf(
  { resume }: Provider,
  { args, resumeId, newId }: LaunchOptions,
): { readonly args: readonly string[]; readonly id: string | null } {
  if (resume === null) return { args: [], id: null };
  if (resumeId !== undefined) return { args: withId(resume.args, resumeId), id: resumeId };
  if (resume.idFlags.some((flag) => hasFlag(args, flag))) return { args: [], id: idAmong(args) };
  if (resume.chooseId === null) return { args: [], id: null };
  const id = newId();
  return { args: withId(resume.chooseId, id), id };
}

function withId(args: readonly string[], id: string): string[] {
  return args.map((arg) => arg.replaceAll("{id}", () => id));
}

function hasFlag(args: readonly string[], flag: string): boolean {
  return args.some((arg) => arg === flag || arg.startsWith(`${flag}=`));
}

/** The UUID that the user gave with a flag; with `--fork-session` it is the one of another conversation. */
function idAmong(args: readonly string[]): string | null {
  if (hasFlag(args, "--fork-session")) return null;
  const values = args.map((arg) => arg.slice(arg.indexOf("=") + 1));
  return values.find((value) => UUID.test(value)) ?? null;
}

/**
 * The environment of a session: of `all` what stands on the base list or the provider's, then what km says of its terminal, what the provider sets,
 * and `extra`. Never anything of km's own, whoever asks for it, nor what is no variable: its name could hide one.
 */
export function childEnvironment(
  all: Readonly<Record<string, string>>,
  provider: Provider,
  extra: Readonly<Record<string, string>>,
  system: typeof Deno.build.os = Deno.build.os,
): Record<string, string> {
  const isWindows = system === "windows";
  const allowed = [...BASE, ...isWindows ? WINDOWS : [], ...provider.env];
  const passed = Object.entries(all).filter(([name]) =>
    allowed.some((pattern) => fits(name, pattern, isWindows))
  );
  const set = Object.entries({ ...TERMINAL, ...provider.setEnv, ...extra });
  // Where km's things are is no secret, and a km that is run inside a session is to find its daemon. Nobody but the daemon says it.
  const home = Object.entries(all).filter(([name, value]) =>
    name === HOME_VARIABLE && isVariable(name, value)
  );
  const others = [...passed, ...set].filter(([name, value]) => !isOwn(name) && isVariable(name, value));
  return Object.fromEntries([...others, ...home]);
}

const HOME_VARIABLE = "KM_HOME";

function isVariable(name: string, value: string): boolean {
  return VARIABLE_NAME.test(name) && !value.includes("\0");
}

function isOwn(name: string): boolean {
  return /^KM_/i.test(name);
}

function fits(name: string, pattern: string, ignoresCase: boolean): boolean {
  const [given, wanted] = ignoresCase ? [name.toUpperCase(), pattern.toUpperCase()] : [name, pattern];
  return wanted.endsWith("*") ? given.startsWith(wanted.slice(0, -1)) : given === wanted;
}
