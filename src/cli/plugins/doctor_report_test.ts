import { match, ok } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import type { AttemptResult, HostileReport } from "../../plugins/hostile/hostile_suite.ts";
import { doctorLines } from "./doctor_report.ts";

const PLAIN_TERMINAL = { columns: 100, color: false };

function reportOf(...attempts: AttemptResult[]): HostileReport {
  const count = (verdict: string) => attempts.filter((one) => one.verdict === verdict).length;
  return {
    deno: "2.9.6",
    walls: { networkNamespace: true, dataLimit: true },
    attempts,
    blocked: count("blocked"),
    info: count("info"),
    escaped: count("escaped"),
    durationMs: 54_290,
  };
}

const BLOCKED = {
  id: "read-1",
  group: "files",
  what: "Reads",
  verdict: "blocked",
  evidence: "NotCapable",
} as const;
const ESCAPED = {
  ...BLOCKED,
  id: "net-1",
  group: "network",
  verdict: "escaped",
  evidence: "it\x1b[2J\u202e",
} as const;

Deno.test("km plugins doctor sums up by group, names what got through, and each attempt with --verbose", () => {
  verifies("plugin-doctor");
  const shown = { path: "/usr/bin/deno", plain: { leaks: true, said: "" } };
  const text = (verbose: boolean, ...attempts: AttemptResult[]) =>
    doctorLines({ ...shown, report: reportOf(...attempts) }, { terminal: PLAIN_TERMINAL, verbose }).join(
      "\n",
    );
  match(text(false, BLOCKED), /^files {4}1 blocked$/m);
  match(text(false, BLOCKED), /^1 attempt in 54\.29 s: nothing got through$/m);
  ok(!text(false, BLOCKED).includes("read-1"));
  match(text(true, BLOCKED), /^blocked {3}read-1: Reads → NotCapable$/m);
  const through = text(false, BLOCKED, ESCAPED);
  match(through, /^network {4}0 blocked, 1 GOT THROUGH$/m);
  match(through, /^THROUGH {3}net-1: Reads → it\\e\[2J\\u\{202e\}$/m);
  match(through, /2 attempts in 54\.29 s: 1 GOT THROUGH$/);
});

Deno.test("km plugins doctor tells when a plain run does not leak any more", () => {
  verifies("plugin-doctor-leak");
  const plain = { leaks: false, said: "error:\x1b[31m Requires read access" };
  const options = { terminal: PLAIN_TERMINAL, verbose: false };
  const text = doctorLines({ report: reportOf(BLOCKED), plain, path: "deno" }, options).join("\n");
  match(text, /a plain deno run did not leak: .* It said: error:\\e\[31m Requires/);
});
