/** Programs of Linux that a command line can be put behind: each changes one thing about it, and becomes it (`exec`). @module */

/** What to put before a command line. */
export type Wrapper = readonly [string, ...string[]];

/** Asks once whether a wrapper works here, by trying: 2 to 3 ms. */
class Trial {
  readonly #program: string;
  readonly #args: readonly string[];
  #found: Wrapper | null | undefined;

  constructor(program: string, args: readonly string[]) {
    this.#program = program;
    this.#args = args;
  }

  get found(): Wrapper | null {
    if (this.#found === undefined) this.#found = this.#find();
    return this.#found;
  }

  #find(): Wrapper | null {
    if (Deno.build.os !== "linux") return null;
    // Not by PATH, which is the user's.
    for (const folder of ["/usr/bin", "/bin"]) {
      const program = `${folder}/${this.#program}`;
      try {
        const { success } = new Deno.Command(program, {
          args: [...this.#args, "/bin/true"],
          clearEnv: true,
          stdin: "null",
          stdout: "null",
          stderr: "null",
        }).outputSync();
        if (success) return [program, ...this.#args];
      } catch {
        // It is not there.
      }
    }
    return null;
  }
}

const SETPRIV = new Trial("setpriv", ["--pdeathsig", "KILL", "--"]);
/** `-r`: as a user of its own, without which only root may. */
const UNSHARE = new Trial("unshare", ["-r", "-n", "--"]);

/**
 * The kernel kills the program when the thread that starts it is gone, however that ended. What the program starts does not have that, and what
 * changes its user loses it, so this stands behind such a step. Null where there is no such thing (macOS, busybox).
 * @see prctl(2), PR_SET_PDEATHSIG
 */
export function diesWithParent(): Wrapper | null {
  return SETPRIV.found;
}

/** The program runs without any network, not even loopback. Null where the system has no such thing or keeps it from this user (containers, some distributions). */
export function isolatesNetwork(): Wrapper | null {
  return UNSHARE.found;
}
