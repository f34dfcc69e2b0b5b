/**
 * An agent that does what its prompts say, for tests of sessions: no timers but one, no network, no account.
 *
 *     deno run -A fake_agent.ts [--as claude|codex|shell] [--ignore SIGHUP,…] [--settings file] [--session-id id | --resume id] [prompt]…
 *
 * It draws as Claude Code (default) and Codex draw, or behaves as a shell that marks its prompts (OSC 133). `prompt`s are done at the start, then
 * what is typed or pasted, at Enter. Flags that it does not know are passed over, so that a provider may extend a real one:
 * `{"extends": "claude", "command": ["deno", "run", "-A", "…/fake_agent.ts"]}`. With `--settings` it runs the hooks that stand there.
 *
 * | prompt | what it does |
 * |---|---|
 * | anything | answers `You said: <text> (<typed or pasted>, <bytes> bytes, sha256 <first 12 digits>)` |
 * | work | works until `finish` and Enter is typed, or it is interrupted (Esc, Ctrl-C) |
 * | ask | asks for approval; 1 or y or Enter allows, 3 or Esc denies |
 * | trust, bypass, sign-in | shows that dialog; 1 or 2 or Enter leaves it |
 * | sign-out | shows its prompt, not signed in |
 * | late T | its hook says that the turn ended, and 200 ms later it draws the answer T instead of its work |
 * | strange | shows a screen that nobody knows, until Enter |
 * | title T, osc T, notify T | sets its title; writes the sequence `OSC T BEL`; notifies |
 * | print N | writes N bytes, in lines of 80 with a number in front |
 * | size, pid, cwd, args, env NAME, tty | says that of itself |
 * | ignore SIG | takes no notice of that signal from now on |
 * | leave | starts a child that outlives it, and says its pid |
 * | deaf | reads nothing any more |
 * | exit N, die SIG | ends |
 *
 * Starts in about 25 ms: what it does not always need it imports late.
 * @module
 */
import { KeyReader } from "./fake_agent_keys.ts";
import { drawClaude, drawCodex, type Look, type Mode } from "./fake_agent_screens.ts";

interface Input {
  readonly text: string;
  readonly isPasted: boolean;
}

/** A prompt's second word, and what was typed. */
type Deed = (rest: string, input: Input) => void | Promise<void>;

const flags = new Map<string, string>();
const WITH_VALUE = ["--as", "--ignore", "--settings", "--session-id", "--resume"];
const prompts: string[] = [];
for (let at = 0; at < Deno.args.length; at++) {
  const arg = Deno.args[at] ?? "";
  if (WITH_VALUE.includes(arg)) flags.set(arg, Deno.args[++at] ?? "");
  else if (!arg.startsWith("-")) prompts.push(arg);
}
const kind = flags.get("--as") ?? "claude";
const encoder = new TextEncoder();

let mode: Mode = "idle";
let typed = "";
const transcript: string[] = [];
let left: (() => void) | null = null;

function write(text: string): void {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

function size(): { readonly columns: number; readonly rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 80, rows: 24 };
  }
}

function draw(): void {
  if (kind === "shell") return;
  const { columns, rows } = size();
  const look: Look = { mode, typed, transcript: transcript.slice(-Math.max(1, rows - 12)), columns };
  write(kind === "codex" ? drawCodex(look) : drawClaude(look));
}

function say(text: string): void {
  if (kind === "shell") write(`${text}\r\n`);
  else transcript.push(...text.split("\n"));
}

/** Is in `next` until somebody calls `left`; `tell`: what is to be done when that is drawn. */
async function stay(next: Mode, tell?: () => Promise<void>): Promise<void> {
  mode = next;
  draw();
  const isLeft = new Promise<void>((resolve) => left = resolve);
  await tell?.();
  await isLeft;
  left = null;
  mode = "idle";
}

const DEEDS: Readonly<Record<string, Deed>> = {
  work: async () => {
    if (kind === "shell") say("working");
    // It may have come before the work had begun.
    if (queue[0]?.text === "finish") queue.shift();
    else await stay("working");
  },
  ask: async () => {
    say("Bash(touch made)");
    // Drawn first: who hears of it may answer at once.
    await stay("approval", () => hook("PermissionRequest"));
  },
  late: async (rest) => {
    mode = "working";
    draw();
    await hook("Stop");
    await new Promise((resolve) => setTimeout(resolve, 200));
    mode = "idle";
    say(`late ${rest}`);
  },
  trust: () => stay("trust"),
  bypass: () => stay("bypass"),
  "sign-in": () => stay("sign-in"),
  strange: () => stay("strange"),
  "sign-out": () => stay("signed-out"),
  title: (rest) => write(`\x1b]0;${rest}\x07`),
  osc: (rest) => write(`\x1b]${rest}\x07`),
  notify: (rest) => write(`\x1b]9;${rest}\x07`),
  print: (rest) => print(Number(rest)),
  size: () => say(`${size().columns}x${size().rows}`),
  pid: () => say(`pid ${Deno.pid}`),
  cwd: () => say(Deno.cwd()),
  args: () => say(JSON.stringify(Deno.args)),
  env: (rest) => say(`${rest}=${Deno.env.get(rest) ?? "(not set)"}`),
  tty: () => say(String(Deno.stdin.isTerminal() && Deno.stdout.isTerminal())),
  ignore: (rest) => ignore(rest),
  leave: () => {
    const child = new Deno.Command("sleep", { args: ["1000"], stdin: "null", stdout: "null", stderr: "null" })
      .spawn();
    child.unref();
    say(`child ${child.pid}`);
  },
  deaf: () => new Promise(() => setInterval(() => {}, 1 << 30)),
  exit: (rest) => {
    restore();
    Deno.exit(Number(rest));
  },
  // As: whoever writes the test says the name of a signal.
  die: (rest) => Deno.kill(Deno.pid, rest as Deno.Signal),
};

function print(bytes: number): void {
  for (let written = 0, line = 1; written < bytes; line++) {
    const text = `${line} `.padEnd(78, "abcdefghij").slice(0, Math.max(0, bytes - written - 2)) + "\r\n";
    write(text);
    written += text.length;
  }
}

function ignore(names: string): void {
  // As: whoever writes the test says the names of signals.
  for (const name of names.split(",")) Deno.addSignalListener(name as Deno.Signal, () => {});
}

/** Runs the hooks of the settings file, as Claude Code does. */
async function hook(name: string): Promise<void> {
  const settings = flags.get("--settings");
  if (settings === undefined) return;
  const { hooks = {} } = JSON.parse(Deno.readTextFileSync(settings));
  const id = flags.get("--session-id") ?? flags.get("--resume");
  const input = JSON.stringify({ hook_event_name: name, session_id: id, cwd: Deno.cwd(), source: "startup" });
  for (const { command } of (hooks[name] ?? []).flatMap((entry: { hooks: unknown[] }) => entry.hooks)) {
    const child = new Deno.Command("sh", {
      args: ["-c", command],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(encoder.encode(input)).catch(() => {});
    await writer.close().catch(() => {});
    await child.status;
  }
}

async function obey(input: Input): Promise<void> {
  const { text } = input;
  const at = text.indexOf(" ");
  const [word, rest] = at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
  await hook("UserPromptSubmit");
  if (kind === "codex") write("\x1b]7501;state=working:app=codex\x07");
  if (kind === "shell") write("\x1b]133;C\x07");
  else transcript.push(`${kind === "codex" ? "›" : "❯"} ${text.slice(0, 200)}`);
  const deed = Object.hasOwn(DEEDS, word) ? DEEDS[word] : undefined;
  if (deed) await deed(rest, input);
  else say(await answer(input));
  if (word !== "late") await hook("Stop");
  ready();
}

async function answer({ text, isPasted }: Input): Promise<string> {
  // Only now: it takes 10 ms to load.
  const { createHash } = await import("node:crypto");
  const bytes = encoder.encode(text);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const start = text.slice(0, 60).replaceAll("\n", "⏎");
  return `You said: ${start} (${isPasted ? "pasted" : "typed"}, ${bytes.length} bytes, sha256 ${hash})`;
}

function ready(): void {
  if (kind === "codex") write("\x1b]7501;state=idle:app=codex\x07");
  if (kind === "claude") write("\x1b]0;✳ Claude Code\x07");
  if (kind === "shell") write("\x1b]133;D;0\x07\x1b]133;A\x07$ \x1b]133;B\x07");
  draw();
}

function restore(): void {
  write("\x1b[?2004l");
  if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
}

const queue: Input[] = [];
let isBusy = false;

/** One after the other, as they come. */
async function obeyAll(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await obey(next);
  isBusy = false;
}

/** What a key means while it is not at its prompt; true: the key is used up. */
function answerDialog(key: string): boolean {
  if (mode === "idle") return false;
  const isEnter = key === "\r" || key === "\n";
  if (mode === "working") {
    if (key === "\x1b" || key === "\x03") say("Interrupted by user");
    else if (!(isEnter && typed === "finish")) return false;
    typed = "";
  } else if (mode === "approval") {
    if (!["1", "y", "\r", "3", "\x1b"].includes(key)) return true;
    say(key === "3" || key === "\x1b" ? "denied" : "allowed");
  } else if (mode === "signed-out") {
    if (!isEnter) return false;
    say(typed === "/login" ? "Signed in" : "Not logged in · Please run /login");
    if (typed !== "/login") {
      typed = "";
      draw();
      return true;
    }
    typed = "";
  } else if (!["1", "2", "\r"].includes(key)) return true;
  left?.();
  return true;
}

function onKey(key: string): void {
  if (answerDialog(key)) return;
  if (key === "\r" || key === "\n") {
    const text = typed;
    typed = "";
    if (kind === "shell") write("\r\n");
    if (text !== "") queue.push({ text, isPasted: wasPasted });
    wasPasted = false;
    return draw();
  }
  if (key === "\x03" && kind === "shell") write("^C\r\n");
  if (key === "\x03" || key === "\x1b") typed = "";
  else if (key === "\x7f") typed = typed.slice(0, -1);
  else if (key >= " ") typed += key;
  if (kind === "shell" && key >= " ") write(key);
  else if (kind === "shell" && key === "\x03") ready();
  draw();
}

let wasPasted = false;

function onPaste(text: string): void {
  wasPasted = true;
  typed += text.replaceAll("\r", "\n");
  if (kind === "shell") write(text);
  draw();
}

if (import.meta.main) {
  if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(true);
  ignore("SIGWINCH");
  if (flags.has("--ignore")) ignore(flags.get("--ignore") ?? "");
  if (flags.has("--resume")) say(`Resumed ${flags.get("--resume")}`);
  write("\x1b[?2004h");
  await hook("SessionStart");
  ready();
  queue.push(...prompts.map((text) => ({ text, isPasted: false })));
  void obeyAll();
  const keys = new KeyReader({ key: onKey, paste: onPaste });
  const buffer = new Uint8Array(64 * 1024);
  for (let count = await Deno.stdin.read(buffer); count !== null; count = await Deno.stdin.read(buffer)) {
    keys.read(buffer.subarray(0, count));
    void obeyAll();
  }
}
