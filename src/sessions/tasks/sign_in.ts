/** Whether somebody is signed in to a provider, asked of the provider itself. @module */
import { runLimited } from "../../proc/run_limited.ts";
import type { Provider } from "../providers/provider.ts";
import { objectOf, parseObject } from "./json_value.ts";

/** Null: it cannot be asked, or gave no answer in time. */
export async function isSignedIn(
  provider: Provider,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<boolean | null> {
  const { authProbe, command: [program, ...first] } = provider;
  if (authProbe === null || program === undefined) return null;
  const { exitCode, json, matches } = authProbe.signedIn;
  try {
    const { code, out, err, timedOut } = await runLimited([program, ...first, ...authProbe.args], {
      env,
      timeoutMs: authProbe.timeoutMs,
      signal,
    });
    if (timedOut) return null;
    return (exitCode === null || code === exitCode) &&
      (json === null || valueAt(out, json.path) === json.equals) &&
      (matches === null || new RegExp(matches, "imu").test(`${out}\n${err}`));
  } catch {
    return null; // It cannot be started, or the run was stopped.
  }
}

function valueAt(text: string, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => objectOf(value)?.[key], parseObject(text));
}

/** What to do about it. */
export function signInHint({ name }: Pick<Provider, "name">): string {
  return `sign in with "km run ${name}"`;
}
