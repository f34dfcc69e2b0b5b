import assert from "node:assert/strict";
import { formatTimeUs } from "../core/clock.ts";
import type { Facts, ToolCalls } from "../store/risk_facts.ts";
import { findAll, isFailing } from "./rules.ts";

const NOW_US = 1_795_262_400_000_000;
const DAY_US = 86_400 * 1e6;
const TIME = formatTimeUs(NOW_US - 1e6);
const NOTHING: Facts = {
  nowUs: NOW_US,
  day: [],
  weekBefore: [],
  hung: [],
  gaps: [],
  changed: [],
  unused: [],
  fromPlugins: [],
};

function calls(changes: Partial<ToolCalls> = {}): ToolCalls {
  return {
    server: "s",
    tool: "t",
    calls: 100,
    errors: 0,
    p95Ms: 100,
    lastTime: TIME,
    failedId: null,
    ...changes,
  };
}

function unused(tool: string, definitionTokens: number, server = "s") {
  return { server, tool, definitionBytes: definitionTokens * 4, definitionTokens, lastListed: TIME };
}

interface Case {
  readonly name: string;
  readonly facts: Partial<Facts>;
  readonly found: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "nothing at all", facts: {}, found: [] },
  { name: "4 of 4 calls that failed", facts: { day: [calls({ calls: 4, errors: 4 })] }, found: [] },
  { name: "2 of 5 calls that failed", facts: { day: [calls({ calls: 5, errors: 2 })] }, found: [] },
  {
    name: "5 of 10 calls that failed",
    facts: { day: [calls({ calls: 10, errors: 5 })] },
    found: ["tool_failing"],
  },
  {
    name: "a definition that changed 7 days ago",
    facts: { changed: [{ server: "s", tool: "t", changedUs: NOW_US - 7 * DAY_US }] },
    found: ["tool_changed"],
  },
  {
    name: "a definition that changed earlier",
    facts: { changed: [{ server: "s", tool: "t", changedUs: NOW_US - 7 * DAY_US - 1 }] },
    found: [],
  },
  {
    name: "a call without an answer",
    facts: { hung: [{ server: "s", calls: 1, lastTime: TIME, eventId: "id" }] },
    found: ["calls_hung"],
  },
  {
    name: "a gap",
    facts: { gaps: [{ server: "s", messages: 3, bytes: 900, lastTime: TIME, eventId: "id" }] },
    found: ["record_gap"],
  },
  { name: "1,999 unused tokens", facts: { unused: [unused("a", 1000), unused("b", 999)] }, found: [] },
  {
    name: "2,000 unused tokens",
    facts: { unused: [unused("a", 1000), unused("b", 1000)] },
    found: ["unused_definitions"],
  },
  {
    name: "2,000 unused tokens of two servers",
    facts: { unused: [unused("a", 1000), unused("b", 1000, "z")] },
    found: [],
  },
  {
    name: "twice the latency",
    facts: { day: [calls({ p95Ms: 200, calls: 20 })], weekBefore: [calls({ calls: 50 })] },
    found: ["tool_slower"],
  },
  {
    name: "twice the latency of too few calls",
    facts: { day: [calls({ p95Ms: 200, calls: 19 })], weekBefore: [calls()] },
    found: [],
  },
  {
    name: "twice the latency of too few calls before",
    facts: { day: [calls({ p95Ms: 200 })], weekBefore: [calls({ calls: 49 })] },
    found: [],
  },
  {
    name: "twice a latency that nobody notices",
    facts: { day: [calls({ p95Ms: 20 })], weekBefore: [calls({ p95Ms: 2 })] },
    found: [],
  },
  {
    name: "nearly twice the latency",
    facts: { day: [calls({ p95Ms: 199 })], weekBefore: [calls()] },
    found: [],
  },
  {
    name: "the latency of another server's tool",
    facts: { day: [calls({ p95Ms: 900 })], weekBefore: [calls({ server: "other" })] },
    found: [],
  },
];

Deno.test.each([...CASES])("findAll() of $name finds $found", ({ facts, found }) => {
  const findings = findAll({ ...NOTHING, ...facts });
  assert.deepEqual(findings.map(({ kind }) => kind), found);
  for (const { title, detail, server } of findings) {
    assert.equal(server, "s");
    assert.match(title, /^\S.{5,}[^.]$/);
    assert.match(detail, /^[A-Z0-9"].{40,}\.$/);
    assert.doesNotMatch(title + detail, /undefined|NaN|null/);
  }
});

Deno.test("findAll() tells the gravest first, then the latest, and names each matter the same every time", () => {
  const facts: Facts = {
    ...NOTHING,
    day: [calls({ calls: 10, errors: 10, failedId: "call" })],
    gaps: [{ server: "s:1", messages: 1, bytes: 1, lastTime: formatTimeUs(NOW_US - 5e6), eventId: "gap" }],
    hung: [{ server: "s", calls: 2, lastTime: TIME, eventId: "hung" }],
    unused: [unused("a", 5000)],
  };
  const found = findAll(facts);
  assert.deepEqual(found.map(({ id, severity, eventId }) => [id, severity, eventId]), [
    ["tool_failing:s:t", "critical", "call"],
    ["calls_hung:s:", "warning", "hung"],
    ["record_gap:s%3A1:", "warning", "gap"],
    ["unused_definitions:s:", "info", null],
  ]);
  assert.deepEqual(
    findAll({ ...facts, nowUs: NOW_US + DAY_US }).map(({ id }) => id),
    found.map(({ id }) => id),
  );
});

Deno.test("isFailing() is false without calls", () => {
  assert.equal(isFailing({ calls: 0, errors: 0 }), false);
});
