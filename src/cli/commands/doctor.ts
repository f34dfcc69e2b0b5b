/** `km doctor`: is everything in place, and what km can mend of what is not. @module */

import { kmPaths, type Paths } from "../../config/paths.ts";
import { EXIT_CODES, KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { suggest } from "../../core/suggest.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { askYesNo, canAsk } from "../ask.ts";
import { command as defineCommand } from "../command.ts";
import { type Check, ok } from "../doctor/check.ts";
import { daemonChecks } from "../doctor/daemon_checks.ts";
import { type Consent, fixAll, onlyNeeded, type Outcome } from "../doctor/fix.ts";
import { installationChecks } from "../doctor/installation_checks.ts";
import { copiesCheck } from "../doctor/km_copies.ts";
import { pluginChecks } from "../doctor/plugin_checks.ts";
import { profileChecks } from "../doctor/profile_check.ts";
import { checkJson, offerLines, outcomeLines, reportLines } from "../doctor/report.ts";
import { runtimeChecks } from "../doctor/runtime_check.ts";
import { storeChecks } from "../doctor/store_checks.ts";
import { systemChecks } from "../doctor/system_checks.ts";
import { stdoutTerminal, writeLines } from "../terminal.ts";

export const command = defineCommand({
  name: "doctor",
  summary: "Check that km can do its work, and say what to do where it cannot",
  usage: "[check…]",
  words: [0, 100],
  details: `Names of checks limit it to these. Exits with ${EXIT_CODES.doctor_failed} when a check failed; ` +
    "warnings do not count. --fix asks before each thing that it mends, with --yes it does not ask; what " +
    "downloads something or signs somebody out is then left, unless its check is named. Without a terminal and " +
    `without --yes nothing is changed: it lists what it would do, and exits with ${EXIT_CODES.doctor_failed} if ` +
    "there is something. Nothing that was recorded is ever deleted.",
  flags: [
    { name: "fix", type: "boolean", help: "Mend what can be mended safely, then check again" },
    { name: "yes", short: "y", type: "boolean", help: "With --fix: do not ask" },
    { name: "json", type: "boolean", help: "One JSON object per line" },
  ],
  examples: [
    ["km doctor", "check everything"],
    ["km doctor --fix", "mend what is wrong, with a question before each thing"],
    ["km doctor --fix --yes plugins.runtime", "download the Deno that plugins need, about 42 MB"],
  ],
  json: {
    check: "stable name of the check",
    status: "ok, warn or fail",
    detail: "what was found",
    hint: "what to do about it, or null",
    fix: "what --fix would do about it, or null",
    fixed: "what --fix has just done about it, or null",
  },
  async run({ fix, yes, json }, names) {
    if (yes && !fix) throw new KmError("usage", "--yes belongs to --fix", { hint: "km doctor --fix --yes" });
    const checks = await runChecks(names);
    if (!fix) return show(checks, { json, offers: !json });
    const consent = consentFor({ yes, json, names });
    if (consent === null) return listOnly(checks, json);
    const outcomes = await fixAll(checks, consent, (outcome) => {
      if (!json) writeLines(outcomeLines(outcome, stdoutTerminal()));
    });
    if (outcomes.length > 0 && !json) writeLines([""]);
    const after = outcomes.length === 0 ? checks : withVanished(await runChecks(names, true), outcomes);
    const code = show(after, { json, outcomes, offers: false });
    return outcomes.some(({ kind }) => kind === "failed") ? EXIT_CODES.doctor_failed : code;
  },
});

/** Runs everything, and keeps what `names` name. @throws {KmError} usage for a name that is none, unless `lenient` */
async function runChecks(names: readonly string[], lenient = false): Promise<Check[]> {
  const paths = kmPaths();
  const checks = await allChecks(paths);
  if (names.length === 0) return checks.map(onlyNeeded);
  const known = checks.map(({ check }) => check);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined && !lenient) {
    const near = suggest(unknown, known);
    throw new KmError("usage", `There is no check "${unknown}" here`, {
      hint: near ? `did you mean "${near}"?` : '"km doctor" lists them',
    });
  }
  return checks.filter(({ check }) => names.includes(check));
}

async function allChecks(paths: Paths): Promise<Check[]> {
  const [file, ...installed] = await installationChecks(paths);
  return [
    ...file ? [file, await copiesCheck(), ...profileChecks()] : [],
    ...installed,
    ...systemChecks(paths),
    ...await runtimeChecks(),
    ...await pluginChecks(pluginPaths(paths.home)),
    ...storeChecks(paths.database),
    ...daemonChecks(paths),
  ];
}

/** Null: nobody can be asked, and nobody said yes. */
function consentFor(
  { yes, json, names }: { readonly yes: boolean; readonly json: boolean; readonly names: readonly string[] },
): Consent | null {
  if (yes) return { kind: "yes", named: names };
  if (json || !canAsk()) return null;
  return {
    kind: "ask",
    ask: ({ check, detail }, { does, onlyAsked }) =>
      askYesNo(`${printable(check)}: ${printable(detail)}\n  ${printable(does)}?`, onlyAsked !== true),
  };
}

function listOnly(checks: readonly Check[], json: boolean): number {
  const code = show(checks, { json, offers: true });
  if (!checks.some(({ repair }) => repair !== null)) return code;
  if (!json) {
    writeLines(["", "nothing was changed: there is no terminal to ask; --yes does it without asking"]);
  }
  return EXIT_CODES.doctor_failed;
}

/** A check that is only there when something is wrong is gone when it was mended: its line says what was done. */
function withVanished(checks: readonly Check[], outcomes: readonly Outcome[]): Check[] {
  const there = new Set(checks.map(({ check }) => check));
  const gone = outcomes.filter(({ check, kind }) => kind === "done" && !there.has(check));
  return [...checks, ...gone.map(({ check, text }) => ok(check, text))];
}

interface ShowOptions {
  readonly json: boolean;
  readonly offers: boolean;
  readonly outcomes?: readonly Outcome[];
}

function show(checks: readonly Check[], { json, offers, outcomes = [] }: ShowOptions): number {
  if (json) {
    const done = new Map(outcomes.flatMap(({ check, kind, text }) => kind === "done" ? [[check, text]] : []));
    writeLines(checks.map((check) => checkJson(check, done.get(check.check) ?? null)));
  } else {
    const terminal = stdoutTerminal();
    writeLines([...reportLines(checks, terminal), ...offers ? offerLines(checks, terminal) : []]);
  }
  return checks.some(({ status }) => status === "fail") ? EXIT_CODES.doctor_failed : 0;
}
