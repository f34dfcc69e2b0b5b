/** What an installed km must do, each proven from outside. @module */

/** A command may take so long, in ms. The first start of a portable file unpacks 96 MB; a runner's disk may be slow. */
const LIMIT_MS = 120_000;
/** The sandbox is tried in 500 ways: 72 s on 2 loaded cores. */
const SANDBOX_LIMIT_MS = 10 * 60_000;

/** A km, and the environment that it is to run in. */
export interface Subject {
  /** The file. */
  readonly km: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it must say that it is. */
  readonly version?: string;
  /** Whether the release that it came from can be asked for a newer one. */
  readonly update?: boolean;
  /** Whether to try to break out of the sandbox of plugins, too. */
  readonly sandbox?: boolean;
}

/** How a command ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly limitMs?: number;
}

/** Runs a program to its end; what it wrote is kept. A program that takes too long is ended and has failed. */
export async function run(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  { stdin = "", limitMs = LIMIT_MS }: RunOptions = {},
): Promise<Ran> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(limitMs),
  }).spawn();
  const writer = child.stdin.getWriter();
  // Who does not read what comes in says so in another way.
  const written = writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await written;
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** Every proof, by its name: resolves to what was seen, or throws an Error that says what was wrong. */
const PROOFS: Readonly<Record<string, (subject: Subject) => Promise<string>>> = {
  async version({ km, env, version }) {
    const out = (await succeeds([km, "--version"], env)).trim();
    const [, found] = /^km (\d+\.\d+\.\d+\S*)/.exec(out) ?? [];
    if (found === undefined) throw new Error(`km --version says ${JSON.stringify(out)}`);
    if (version !== undefined && found !== version) throw new Error(`it is ${found}, not ${version}`);
    return found;
  },
  async demo({ km, env }) {
    const out = await succeeds([km, "demo"], env);
    for (const word of ["sample-notes", "search_notes", "[redacted:secret]"]) {
      if (!out.includes(word)) throw new Error(`km demo does not show ${word}`);
    }
    return "ran to its end";
  },
  async monitor({ km, env }) {
    const asked = [
      {
        method: "initialize",
        params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: CLIENT },
      },
      { method: "tools/call", params: { name: "search_notes", arguments: { query: "smoke" } } },
    ].map((request, at) => JSON.stringify({ jsonrpc: "2.0", id: at + 1, ...request }) + "\n").join("");
    const server = [km, "demo", "--serve"];
    const out = await succeeds([km, "monitor", "--name", "smoke", "--", ...server], env, {
      stdin: asked,
    });
    const answers = jsonLines<{ id?: number; result?: unknown }>(out).filter(({ result }) => result);
    if (answers.length !== 2) throw new Error(`the server's answers did not come through km: ${out}`);
    const calls = jsonLines<{ tool?: string }>(
      await succeeds([km, "calls", "--server", "smoke", "--json"], env),
    );
    if (!calls.some(({ tool }) => tool === "search_notes")) throw new Error("the call was not recorded");
    return `${calls.length} calls recorded`;
  },
  async doctor({ km, env }) {
    const checks = jsonLines<{ status: string }>(await succeeds([km, "doctor", "--json"], env));
    if (checks.length === 0) throw new Error("km doctor checks nothing");
    return `${checks.length} checks, ${checks.filter(({ status }) => status === "warn").length} warnings`;
  },
};

/** Only of a km whose release can be asked: right after a release, the newest is the one that runs. */
async function proveUpdate({ km, env }: Subject): Promise<string> {
  return (await succeeds([km, "update", "--check"], env)).trim().split("\n")[0] ?? "";
}

/** The doctor's report, as far as it is looked at. */
interface SandboxReport {
  readonly deno: { readonly version: string | null };
  readonly escaped: number;
  readonly attempts: readonly { readonly id: string; readonly verdict: string }[];
}

/**
 * No release whose plugins could get out: of the Deno that it runs plugins on, nothing is known but by trying. A km that brings none of its own tries
 * the one that runs this script, which has the version that it would download.
 */
async function proveSandbox({ km, env }: Subject): Promise<string> {
  const command = [km, "plugins", "doctor", "--json"];
  let ran = await run(command, env, { limitMs: SANDBOX_LIMIT_MS });
  if (ran.code === NO_DENO) {
    ran = await run(command, { ...env, KM_DENO: Deno.execPath() }, { limitMs: SANDBOX_LIMIT_MS });
  }
  const [report] = jsonLines<SandboxReport>(ran.out);
  const through = report?.attempts.filter(({ verdict }) => verdict === "escaped").map(({ id }) => id) ?? [];
  if (through.length > 0) throw new Error(`out of the sandbox came ${through.join(", ")}`);
  if (ran.code !== 0) throw new Error(`plugins doctor ended with ${ran.code}: ${ran.err.trim()}`);
  const count = report?.attempts.length ?? 0;
  if (count < LEAST_ATTEMPTS) throw new Error(`plugins doctor made only ${count} attempts`);
  return `${count} attempts on Deno ${report?.deno.version}, nothing got through`;
}

/** What km ends with where it has no Deno for plugins (`plugin_failed`). */
const NO_DENO = 27;
/** A doctor that tries next to nothing proves nothing. */
const LEAST_ATTEMPTS = 150;

const CLIENT = { name: "km-smoke", version: "1" };

/** Proves `subject`, tells each proof by `tell`, and returns how many failed. */
export async function prove(subject: Subject, tell: (line: string) => void): Promise<number> {
  let failed = 0;
  const proofs = Object.entries(PROOFS);
  if (subject.update) proofs.push(["update", proveUpdate]);
  if (subject.sandbox) proofs.push(["sandbox", proveSandbox]);
  for (const [name, proof] of proofs) {
    try {
      tell(`ok      ${name}: ${await proof(subject)}`);
    } catch (error) {
      failed++;
      tell(`FAILED  ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return failed;
}

async function succeeds(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  options?: RunOptions,
): Promise<string> {
  const { code, out, err } = await run(command, env, options);
  if (code === 0) return out;
  throw new Error(`${command.slice(1).join(" ")} ended with ${code}: ${err.trim() || out.trim()}`);
}

function jsonLines<T>(text: string): T[] {
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as T);
}
