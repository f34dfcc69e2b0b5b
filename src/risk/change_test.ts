import assert from "node:assert/strict";
import { type ChangeFacts, findChanges } from "./change.ts";
import type { ToolCalls } from "../store/risk_facts.ts";

const NOW_US = 1_795_262_400_000_000;
const HOUR_US = 3600 * 1e6;
const NOTHING: ChangeFacts = {
  nowUs: NOW_US,
  servers: [],
  tools: [],
  day: [],
  dayBefore: [],
  calls: 0,
  callsBefore: 0,
};

function tool(name: string, hoursAgo: number, changedHoursAgo: number | null = null) {
  return {
    server: "s",
    tool: name,
    firstListedUs: NOW_US - hoursAgo * HOUR_US,
    changedUs: changedHoursAgo === null ? null : NOW_US - changedHoursAgo * HOUR_US,
  };
}

function calls(count: number, errors: number): ToolCalls {
  return { server: "s", tool: "t", calls: count, errors, p95Ms: null, lastTime: "", failedId: null };
}

Deno.test.each<{ name: string; facts: Partial<ChangeFacts>; texts: string[] }>([
  { name: "nothing", facts: {}, texts: [] },
  {
    name: "a server of today, with its tools",
    facts: { servers: [{ server: "s", firstSeenUs: NOW_US - 23 * HOUR_US }], tools: [tool("a", 23)] },
    texts: ['New server "s"'],
  },
  {
    name: "a server of yesterday",
    facts: { servers: [{ server: "s", firstSeenUs: NOW_US - 24 * HOUR_US }], tools: [tool("a", 24)] },
    texts: [],
  },
  {
    name: "new tools",
    facts: { tools: [tool("a", 1), tool("b", 99)] },
    texts: ['New tool a of "s"'],
  },
  {
    name: "many new tools",
    facts: { tools: ["a", "b", "c", "d"].map((name) => tool(name, 1)) },
    texts: ['4 new tools of "s"'],
  },
  {
    name: "changed definitions",
    facts: { tools: [tool("a", 99, 1), tool("b", 99, 25)] },
    texts: ['The definition of a of "s" changed'],
  },
  {
    name: "a tool that began to fail",
    facts: { day: [calls(10, 6)], dayBefore: [calls(10, 4)] },
    texts: ['t of "s" began to fail: 6 of 10 calls'],
  },
  {
    name: "a tool that goes on failing",
    facts: { day: [calls(10, 6)], dayBefore: [calls(10, 9)] },
    texts: [],
  },
  {
    name: "more than half more calls",
    facts: { calls: 151, callsBefore: 100 },
    texts: ["More calls than the day before: 151 after 100 (+51 %)"],
  },
  { name: "half more calls", facts: { calls: 150, callsBefore: 100 }, texts: [] },
  {
    name: "less than half as many calls",
    facts: { calls: 10, callsBefore: 100 },
    texts: ["Fewer calls than the day before: 10 after 100 (−90 %)"],
  },
  { name: "few calls", facts: { calls: 19, callsBefore: 3 }, texts: [] },
  { name: "a first day", facts: { calls: 500, callsBefore: 0 }, texts: [] },
])("findChanges() of $name", ({ facts, texts }) => {
  assert.deepEqual(findChanges({ ...NOTHING, ...facts }).map(({ text }) => text), texts);
});
