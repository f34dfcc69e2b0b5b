// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * `deno task bench:sessions`: how soon a key is echoed, how much is shown to how many, how much memory sessions take, how soon a viewer is back;
 * next to tmux, a plain reader in C, xterm.js as it comes, and a bare server of the same runtime.
 *
 *   --only=pty,terminal,start,load,broadcast,echo,memory,reconnect   only these sections
 *   --rounds=5      rounds, in turns
 *   --quick         small counts and one round: does everything run?
 *   --write         replaces the sections of BENCHMARKS.md that are about sessions
 *
 * Exit code: 0 when every bar is kept, 1 when one is missed, 2 when something could not be measured.
 * @module
 */
import { parseArgs } from "node:util";
import { BENCHMARKS_PATH, writeSection } from "./benchmarks_file.ts";
import { ptySections } from "./pty.ts";
import { readCount } from "./read_count.ts";
import { describeMachine, renderReport, type Section } from "./report.ts";
import { measureEcho } from "./sessions_echo.ts";
import { buildSessionPrograms, type SessionsBench } from "./sessions_home.ts";
import { measureBroadcast, measureLoad } from "./sessions_load.ts";
import { measureMemory } from "./sessions_memory.ts";
import { measureReconnect, measureStart } from "./sessions_reconnect.ts";
import { terminalSections } from "./terminal.ts";

const SECTIONS: Readonly<Record<string, (bench: SessionsBench) => Promise<readonly Section[]>>> = {
  pty: ({ quick }) => ptySections(quick),
  terminal: ({ quick }) => terminalSections(quick),
  start: async (bench) => [await measureStart(bench)],
  load: async (bench) => [await measureLoad(bench)],
  broadcast: async (bench) => [await measureBroadcast(bench)],
  echo: async (bench) => [await measureEcho(bench)],
  memory: async (bench) => [await measureMemory(bench)],
  reconnect: async (bench) => [await measureReconnect(bench)],
};

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: Object.keys(SECTIONS).join(",") },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const chosen = values.only.split(",").map((name) => {
    const section = Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
    if (!section) throw new Error(`Unknown section "${name}": there are ${Object.keys(SECTIONS)}`);
    return section;
  });
  const rounds = readCount("--rounds", values.rounds ?? (values.quick ? "1" : "5"));
  const folder = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    const programs = await buildSessionPrograms(folder);
    if (programs === null) {
      console.log("skipped: the bench of sessions needs a C compiler (cc) for its clients");
      return 0;
    }
    const progress = (text: string) => console.error(`bench: ${text}`);
    const bench: SessionsBench = { folder, ...programs, rounds, quick: values.quick, progress };
    const sections: Section[] = [];
    for (const measure of chosen) sections.push(...await measure(bench));
    const command = ["deno task bench:sessions", ...args].join(" ");
    const report = renderReport("Sessions", sections, await describeMachine(command, rounds));
    console.log(report);
    if (values.write) await writeSection(BENCHMARKS_PATH, "sessions", report);
    return sections.every(({ bars }) => bars.every(({ pass }) => pass)) ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const code = await main(Deno.args).catch((error: unknown) => {
    console.error(`bench: error: ${error instanceof Error ? error.message : error}`);
    return 2;
  });
  Deno.exit(code);
}
