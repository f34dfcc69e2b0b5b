/** Programs that km starts for itself, not in front of a client: they end with it and need no relay. @module */

/** What a child gets. */
export interface ChildOptions {
  /** Added to km's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the child (SIGTERM) when aborted. */
  readonly signal?: AbortSignal;
}

/** Starts `argv` with pipes to its stdin, stdout and stderr. */
export function startPiped(
  argv: readonly [string, ...string[]],
  options: ChildOptions = {},
): Deno.ChildProcess {
  const [file, ...args] = argv;
  return new Deno.Command(file, { args, ...options, stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
}

/** Runs `argv` on km's own stdout and stderr; returns its exit code. */
export async function runInherited(
  argv: readonly [string, ...string[]],
  options: ChildOptions = {},
): Promise<number> {
  const [file, ...args] = argv;
  const child = new Deno.Command(file, {
    args,
    ...options,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  });
  return (await child.spawn().status).code;
}
