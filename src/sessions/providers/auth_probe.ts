/** Asks a provider's own command whether somebody is signed in. Neither what it printed nor any variable is in the answer. @module */
import { runLimited } from "../../proc/run_limited.ts";
import { resolveCommand } from "../../proc/pty_command.ts";
import { SCREEN_FLAGS } from "./check_provider.ts";
import type { AuthProbe, Provider } from "./provider.ts";

export interface AuthAnswer {
  readonly state: "signed_in" | "signed_out" | "unknown";
  /** One printable line without secrets. */
  readonly reason: string;
}

export interface AuthProbeOptions {
  /** The environment that a session of this provider gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly signal?: AbortSignal;
}

/** What the end of the command says. */
interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** @throws the signal's reason */
export async function probeAuth(provider: Provider, options: AuthProbeOptions): Promise<AuthAnswer> {
  const { authProbe } = provider;
  const program = provider.command[0];
  if (authProbe === null || program === undefined) {
    return { state: "unknown", reason: `${provider.title} has no way to ask` };
  }
  const { env, cwd, signal } = options;
  let ended;
  try {
    const command = [...provider.command, ...authProbe.args];
    const [file = "", ...args] = resolveCommand({ command, cwd, env, searchPath: env["PATH"] ?? "" });
    ended = await runLimited([file, ...args], {
      env,
      timeoutMs: authProbe.timeoutMs,
      ...signal && { signal },
    });
  } catch {
    signal?.throwIfAborted();
    return { state: "unknown", reason: `${program} could not be started` };
  }
  if (ended.timedOut) {
    return { state: "unknown", reason: `${program} did not answer in ${authProbe.timeoutMs} ms` };
  }
  return answerOf(program, authProbe, ended);
}

function answerOf(program: string, { signedIn }: AuthProbe, ended: Ended): AuthAnswer {
  const found = signedIn.json === null ? undefined : valueAt(ended.out, signedIn.json.path);
  if (signedIn.json !== null && found === undefined) {
    return { state: "unknown", reason: `${program} did not say` };
  }
  const text = `${ended.out}\n${ended.err}`;
  const isSignedIn = (signedIn.exitCode === null || ended.code === signedIn.exitCode) &&
    (signedIn.json === null || found === signedIn.json.equals) &&
    (signedIn.matches === null || new RegExp(signedIn.matches, SCREEN_FLAGS).test(text));
  return isSignedIn
    ? { state: "signed_in", reason: `${program} says so` }
    : { state: "signed_out", reason: `${program} says so` };
}

/** What stands at a dotted path of JSON; undefined: nothing, or it is no JSON. */
function valueAt(json: string, path: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    // As: an object that has the key, by the line above.
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
