/** `km doctor` as tests ask it: its report as objects, in an environment of its own. @module */
import { type Ended, runKm } from "./harness.ts";

/** One line of `km doctor --json`. */
export interface ReportedCheck {
  readonly check: string;
  readonly status: string;
  readonly detail: string;
  readonly hint: string | null;
  readonly fix: string | null;
  readonly fixed: string | null;
}

/** Its end, and the checks by name. */
export interface Report extends Ended {
  readonly checks: ReadonlyMap<string, ReportedCheck>;
}

/** What keeps the doctor from looking at what this machine has: the user's files, PATH, what was unpacked. `folder` stands for all of it. */
export function alone(folder: string): Record<string, string> {
  return {
    HOME: folder,
    XDG_CACHE_HOME: `${folder}/cache`,
    XDG_CONFIG_HOME: `${folder}/config`,
    ZDOTDIR: folder,
    TMPDIR: folder,
    PATH: "/usr/bin:/bin",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
  };
}

/** Runs `km doctor --json <args>`. */
export async function doctor(
  args: readonly string[],
  options: {
    readonly home: string;
    readonly env: Readonly<Record<string, string>>;
    readonly command?: readonly string[];
  },
): Promise<Report> {
  const ended = await runKm(["doctor", "--json", ...args], options);
  const lines = ended.out.split("\n").filter((line) => line !== "");
  const checks = lines.map((line): ReportedCheck => JSON.parse(line));
  return { ...ended, checks: new Map(checks.map((check) => [check.check, check])) };
}
