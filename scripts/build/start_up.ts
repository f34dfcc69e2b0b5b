/** How long a built km takes to start on this machine. @module */

/** In ms, from its start to its end, of `km --version`. */
export interface StartUp {
  /** With nothing of it on this machine yet: a portable file unpacks itself. */
  readonly firstMs: number;
  readonly secondMs: number;
}

/** Starts a built file twice, in a home of its own. @throws {Error} when it does not start */
export async function measureStartUp(path: string, version: string): Promise<StartUp> {
  const home = await Deno.makeTempDir({ prefix: "km-start-" });
  try {
    const env = {
      HOME: home,
      USERPROFILE: home,
      KM_HOME: `${home}/km`,
      XDG_CACHE_HOME: `${home}/cache`,
      LOCALAPPDATA: home,
    };
    return { firstMs: await start(path, version, env), secondMs: await start(path, version, env) };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function start(path: string, version: string, env: Record<string, string>): Promise<number> {
  const before = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(path, { args: ["--version"], env, stdin: "null" })
    .output();
  const ms = performance.now() - before;
  const said = new TextDecoder().decode(stdout).trim();
  if (code === 0 && said === `km ${version}`) return ms;
  const told = (new TextDecoder().decode(stderr).trim() || said || "nothing").split("\n")[0];
  throw new Error(`it ended with ${code} and said: ${told}`);
}
