/** Taking more than there is for it. Each in a process of its own, which must come to an end, by itself or by km. @module */
import { type Attempt, attempts } from "../attempt.ts";

/** Attempts on memory, processor and output. */
export const RESOURCES: readonly Attempt[] = attempts("resources", [
  [
    "take-heap",
    "Fills its heap",
    `const all = []; for (;;) all.push({ a: [all.length], b: String(all.length) });`,
  ],
  [
    "take-strings",
    "Fills its heap with texts",
    `let s = "x"; const all = []; for (;;) { s = s + s.slice(0, 1e6); all.push(s + Math.random()); }`,
  ],
  [
    "take-buffers",
    "Takes memory outside the heap",
    `const all = []; for (;;) { all.push(new Uint8Array(8 << 20).fill(1)); await new Promise((yes) => setTimeout(yes, 1)); }`,
  ],
  [
    "take-buffers-sync",
    "Takes memory outside the heap without a pause",
    `const all = []; for (;;) all.push(new Uint8Array(8 << 20).fill(1));`,
  ],
  [
    "take-wasm",
    "Takes memory of WebAssembly",
    `const all = []; for (;;) { const m = new WebAssembly.Memory({ initial: 256, maximum: 65536 }); m.grow(256); new Uint8Array(m.buffer).fill(1); all.push(m); }`,
  ],
  [
    "take-shared",
    "Takes shared memory",
    `const all = []; for (;;) { const m = new WebAssembly.Memory({ initial: 256, maximum: 256, shared: true }); new Uint8Array(m.buffer).fill(1); all.push(m); }`,
  ],
  ["take-array", "Takes an array of a billion", `const a = new Array(1e9).fill(0); return String(a.length);`],
  ["take-map", "Fills a map", `const m = new Map(); for (let i = 0;; i++) m.set(i, { i });`],
  [
    "take-promises",
    "Makes promises without an end",
    `const all = []; for (;;) all.push(new Promise(() => {}));`,
  ],
  ["take-timers", "Sets timers without an end", `for (;;) setTimeout(() => {}, 1e9);`],
  ["take-loop", "Loops", `for (;;);`],
  [
    "take-microtasks",
    "Runs microtasks without an end",
    `const again = () => queueMicrotask(again); again(); await new Promise(() => {});`,
  ],
  [
    "take-timer-loop",
    "Is called by a timer without a pause",
    `const again = () => setTimeout(again, 0); for (let i = 0; i < 200; i++) again(); await new Promise(() => {});`,
  ],
  [
    "take-regexp",
    "Reads a text by a regular expression that takes for ever",
    `return String(/^(a+)+$/.test("a".repeat(64) + "!"));`,
  ],
  ["take-recursion", "Calls itself without an end", `const f = () => f(); f();`],
  [
    "take-json",
    "Reads JSON that is nested without an end",
    `return String(JSON.parse("[".repeat(5e6) + "]".repeat(5e6)).length);`,
  ],
  ["take-bigint", "Multiplies large numbers", `let n = 3n; for (;;) n = n * n;`],
  [
    "take-hash",
    "Hashes without an end",
    `let b = new Uint8Array(1 << 20); for (;;) b = new Uint8Array([...new Uint8Array(await crypto.subtle.digest("SHA-512", b)), ...b.subarray(64)]);`,
  ],
  [
    "take-inflate",
    "Unpacks a bomb",
    `const z = new Blob([new Uint8Array(512 << 20)]).stream().pipeThrough(new CompressionStream("gzip")); const all = []; for await (const x of z.pipeThrough(new DecompressionStream("gzip"))) all.push(x); return String(all.length);`,
  ],
  ["take-log", "Logs without an end", `for (let i = 0;; i++) console.log("x".repeat(1000) + i);`],
  [
    "take-log-paused",
    "Logs without an end, with pauses",
    `for (;;) { for (let i = 0; i < 50; i++) console.log("x".repeat(10000)); await new Promise((yes) => setTimeout(yes, 0)); }`,
  ],
  [
    "take-refused",
    "Is refused without an end",
    `for (;;) try { await Deno.readTextFile("/etc/" + Math.random()); } catch {}`,
  ],
  [
    "take-imports",
    "Is refused imports without an end",
    `for (let i = 0;; i++) try { await load("node:net?" + i); } catch {}`,
  ],
  [
    "take-errors",
    "Fails without an end",
    `for (;;) { Promise.reject(new Error("x".repeat(1000))); await 0; }`,
  ],
], { place: "bound" });
