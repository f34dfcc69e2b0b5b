import { equal, match, ok } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { hostStatus } from "../../../tests/e2e/plugin_status.ts";
import { silentMs } from "./host_state.ts";
import { type PluginReport, statusLines, type StatusReport } from "./status_report.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const TIME = "2026-11-21T11:59:00.000Z";
const HOSTILE = "\u202e/etc/passwd\x1b]0;x\x07\n";
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function plugin(change: Partial<PluginReport> = {}): PluginReport {
  return {
    name: "quiet",
    version: "1.2.0",
    state: "running",
    reason: null,
    summary: "running",
    since: TIME,
    retryAt: null,
    pid: 4711,
    uptimeMs: 60_000,
    usage: { residentBytes: 40e6, cpuMs: 1200 },
    handling: { p50Ms: 0.3, p95Ms: 2 },
    counts: {
      messages: 1234,
      bytes: 99_000,
      batches: 40,
      failed: 1,
      droppedMessages: 2,
      droppedBytes: 20,
      lostMessages: 3,
      findings: 1,
      metrics: 2,
      annotations: 0,
      emitsRefused: 4,
      logLines: 5,
      logLinesCut: 6,
      starts: 3,
      crashes: 2,
    },
    queue: { messages: 7, bytes: 700 },
    lastEnd: { time: TIME, why: "limit", detail: HOSTILE },
    refused: ["read", "net", "env", "import", "read", "read", "read"].map((permission, index) => ({
      permission,
      value: HOSTILE,
      count: index + 1,
      firstTime: TIME,
      lastTime: TIME,
    })),
    refusedOthers: 2,
    refusedOthersByKind: { env: 2 },
    stderr: HOSTILE,
    lastFailure: { time: TIME, message: HOSTILE },
    grants: ["payload=redacted"],
    waitingVersion: "2.0.0",
    ...change,
  };
}

function report(...plugins: PluginReport[]): StatusReport {
  return {
    home: "/home/u/.km",
    host: {
      running: true,
      pid: 4710,
      version: "0.1.0",
      uptimeMs: 61_000,
      monitors: 2,
      silentMs: null,
      shedMessages: 0,
      shedBytes: 0,
      emitsLost: 0,
      problem: null,
      proxyProblem: "HTTPS_PROXY leads to 10.0.0.1",
    },
    deno: { path: "/usr/bin/deno", version: "2.9.6" },
    licence: { tier: "free", customerId: null, problem: null },
    plugins,
  };
}

function lines(status: StatusReport, verbose: boolean, columns = 120): string[] {
  return statusLines(status, { terminal: { columns, color: false }, verbose, now: NOW });
}

Deno.test("status shows every access that a plugin tried and was refused, a few unasked, all with --verbose", () => {
  verifies("plugin-refusals-shown");
  const brief = lines(report(plugin()), false).join("\n");
  match(brief, /^ {2}tried, and was refused:\n {4}read .*, once, last/m);
  match(brief, /and 3 more: "km plugins status --verbose"/);
  const all = lines(report(plugin()), true).join("\n");
  for (const permission of ["read", "net", "env", "import"]) {
    match(all, new RegExp(`^ {4}${permission} \\\\u\\{202e\\}/etc/passwd\\\\e\\]0;x`, "m"));
  }
  match(all, /^ {4}read .*, once, last 60 s ago$/m);
  match(all, /^ {4}and 2 more, that found no room: env 2$/m);
});

Deno.test("status escapes whatever a plugin had a hand in, and fits the terminal", () => {
  const hostile = plugin({
    name: HOSTILE,
    version: HOSTILE,
    reason: HOSTILE,
    summary: HOSTILE,
    waitingVersion: HOSTILE,
  });
  for (const verbose of [false, true]) {
    for (const line of lines(report(hostile), verbose)) ok(!UNSAFE.test(line), JSON.stringify(line));
  }
  for (const line of lines(report(plugin({ refused: [], refusedOthers: 0 })), false, 80)) {
    ok(line.length <= 100, line);
  }
});

Deno.test("status says how the host is, and why a plugin does not run", () => {
  verifies("plugin-graceful");
  const off = plugin({
    state: "off",
    reason: "it took too much memory",
    summary: "off, it ended too often: it took too much memory",
  });
  const text = lines(report(off), false).join("\n");
  match(text, /^plugin host {2}runs for 1m 01s, pid 4710, 2 km monitors$/m);
  match(text, /^proxy {8}HTTPS_PROXY leads to 10\.0\.0\.1$/m);
  match(text, /^quiet\n {2}off, it ended too often: it took too much memory$/m);
});

Deno.test("status says how old its figures are when the host has not answered", () => {
  verifies("plugin-graceful");
  const status = report(plugin());
  const silent = lines({ ...status, host: { ...status.host, silentMs: 34_000 } }, false).join("\n");
  match(silent, /^silent {7}it has not answered for 34/m);
});

Deno.test("silentMs() counts only while a monitor is connected, and the host runs", () => {
  const status = { ...hostStatus("quiet", ""), monitors: 1, writtenAt: TIME };
  const later = (ms: number) => new Date(Date.parse(TIME) + ms);
  equal(silentMs({ status, runs: true }, later(60_000)), 60_000);
  equal(silentMs({ status, runs: true }, later(11_000)), null);
  equal(silentMs({ status, runs: false }, later(60_000)), null);
  equal(silentMs({ status: { ...status, monitors: 0 }, runs: true }, later(60_000)), null);
  equal(silentMs({ status: null, runs: false }, later(60_000)), null);
});

Deno.test("lines about the host go on below what they are about, and are cut in no word", () => {
  verifies("plugin-graceful");
  const lines = statusLines(report(plugin()), {
    terminal: { columns: 50, color: false },
    verbose: false,
    now: NOW,
  });
  const end = lines.indexOf("");
  for (const line of lines.slice(0, end)) ok(line.length <= 50, line);
  match(lines.slice(0, end).join("\n").replaceAll(/\n +/g, " "), /^plugin host {2}\S.* monitor/);
});

Deno.test("status says of a plugin that runs and fails on messages with what, and escapes it", () => {
  verifies("plugin-graceful");
  const failing = plugin({ lastFailure: { time: TIME, message: "no such word" + HOSTILE } });
  for (const verbose of [false, true]) {
    const text = lines(report(failing), verbose).join("\n");
    match(text, /^ {2}1 of 1,234 messages failed, last 60 s ago: no such word\\u\{202e\}/m);
  }
  ok(!lines(report(plugin({ lastFailure: null })), false).join("\n").includes("messages failed"));
});
