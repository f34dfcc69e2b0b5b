/** Undoes what Deno does to PATH at its start, before anything reads the environment: the server gets it as km got it. @module */

/**
 * Where no `node` is on PATH, Deno puts a folder in front of PATH in which `node` is Deno itself: a server that needs Node.js would run
 * in something else, or start where it starts nowhere else. Called by every km before anything else; the portable file's header has
 * forbidden it already. Never throws. @see https://github.com/denoland/deno/pull/34969
 */
export function undoNodeShim(): void {
  if (getVariable(SHIM_MARK) !== "1") return;
  const [path, mark] = startedWith("PATH", SHIM_MARK) ?? withoutShim(getVariable("PATH"));
  for (const [name, value] of [["PATH", path], [SHIM_MARK, mark]] as const) {
    if (value === undefined) Deno.env.delete(name);
    else if (value !== getVariable(name)) setVariable(name, value);
  }
}

/** Unlike `readEnv`, tells an empty one. Undefined for what is not there, and for what is no UTF-8. */
export function getVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}

/** A name that Deno cannot take stays away. */
export function setVariable(name: string, value: string): void {
  try {
    Deno.env.set(name, value);
  } catch {
    // Such as one that is empty.
  }
}

const SHIM_MARK = "DENO_NODE_SHIM_ACTIVE";

/** Values of variables as the kernel handed them to this process; null where it does not tell. */
function startedWith(...names: string[]): (string | undefined)[] | null {
  try {
    const entries = Deno.readTextFileSync("/proc/self/environ").split("\0");
    return names.map((name) => entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1));
  } catch {
    return null;
  }
}

/** PATH and the mark as they were, when it was this Deno that changed them. */
function withoutShim(path: string = ""): (string | undefined)[] {
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const [first = "", ...rest] = path.split(separator);
  if (!/[\\/]node_compat_bin$/.test(first)) return [path, "1"];
  return [rest.length === 0 ? undefined : rest.join(separator), undefined];
}
