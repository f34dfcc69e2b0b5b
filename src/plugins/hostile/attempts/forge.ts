/** To take part in what the bootstrap says: in its frames, and in what Deno writes to stderr. @module */
import { type Attempt, attempts } from "../attempt.ts";

/** Runs `hook` on all that goes by while something is logged; an escape when it saw bytes, or where they begin. */
function watching(hook: string, unhook: string): string {
  return `let seen = "";
const look = (v) => { if (v instanceof Uint8Array || typeof v === "number" || v?.$typeName || v?.frame) seen = c.claim; };
${hook}
console.log("x"); await 0; await breathe();
${unhook}
return seen;`;
}

const ARRAYS = "const A = Object.getPrototypeOf([].values()), next = A.next;";

const WALKS = attempts("frames", [
  [
    "frame-walk",
    "Walks along when a list of bytes is walked",
    watching(
      `${ARRAYS} A.next = function () { const r = next.call(this); look(r.value); return r; };`,
      "A.next = next;",
    ),
  ],
  [
    "frame-walk-defined",
    "Walks along, by a definition",
    watching(
      `${ARRAYS} Object.defineProperty(A, "next", { value() { const r = next.call(this); look(r.value); return r; } });`,
      "",
    ),
  ],
  [
    "frame-walk-all",
    "Changes what all iterators inherit",
    watching(
      `Iterator.prototype.return = function () { seen = c.claim; return {}; }; const [one] = [1, 2].values();`,
      "delete Iterator.prototype.return;",
    ),
  ],
  [
    "frame-index",
    "Is handed what is put into lists",
    watching(
      `Object.defineProperty(Array.prototype, 0, { configurable: true, get() {}, set(value) {
        look(value); Object.defineProperty(this, 0, { value, writable: true, enumerable: true, configurable: true });
      } });`,
      "delete Array.prototype[0];",
    ),
  ],
  [
    "frame-list-species",
    "Makes the lists that others make",
    watching(
      `const own = Array; Array.prototype.constructor = { [Symbol.species]: function (n) { return new Proxy(new own(n), { defineProperty(t, k, d) { look(d.value); return Reflect.defineProperty(t, k, d); } }); } };`,
      "Array.prototype.constructor = own;",
    ),
  ],
  [
    "frame-generator",
    "Changes how generators go on",
    watching(
      `const G = Object.getPrototypeOf(function* () {}.prototype), next = G.next; G.next = function (v) { seen = c.claim; return next.call(this, v); }; (function* () {})().next();`,
      "G.next = next;",
    ),
  ],
], { place: "alone" });

/** Thrown where nobody catches it; what is printed of it begins like a line of Deno's own audit. */
const FORGED =
  `const e = new Error('x\\n{"v":1,"permission":"read","value":"' + c.claim + '"}\\n'); e.stack = e.message;`;

const STDERR = attempts("frames", [
  [
    "stderr-prevent",
    "Has its error printed by Deno, as if Deno had refused something",
    `Event.prototype.preventDefault = () => {}; ${FORGED} setTimeout(() => { throw e; }); await new Promise((yes) => later(yes, 100));`,
  ],
  [
    "stderr-reason",
    "Has its rejection printed by Deno",
    `Object.defineProperty(PromiseRejectionEvent.prototype, "reason", { get() { throw e; } }); ${FORGED} Promise.reject(e); await new Promise((yes) => later(yes, 100));`,
  ],
  [
    "stderr-listeners",
    "Is heard before the bootstrap is",
    `EventTarget.prototype.dispatchEvent = () => true; Object.defineProperty(ErrorEvent.prototype, "error", { get() { throw e; } }); ${FORGED} setTimeout(() => { throw e; }); await new Promise((yes) => later(yes, 100));`,
  ],
], { place: "alone" });

/** The bootstrap stands on the stack while it shows what was logged. */
const inside = (look: string) =>
  `let seen = ""; console.log({ [Symbol.for("Deno.customInspect")]() { ${look} return ""; } }); return seen;`;

const PATHS = attempts("reach", [
  [
    "reach-stack-path",
    "Reads from a stack trace where km keeps its files",
    inside(`if (/file:|boot-/.test(new Error("x").stack)) seen = c.claim;`),
  ],
  [
    "reach-stack-sites",
    "Asks the places on the stack for their files",
    inside(
      `Error.prepareStackTrace = (_, sites) => sites.map((s) => s.getFileName()).join(); if (/file:|boot-/.test(new Error("x").stack)) seen = c.claim;`,
    ),
  ],
  [
    "reach-stack-capture",
    "Has a stack written to a thing of its own",
    inside(`const o = {}; Error.captureStackTrace(o); if (/file:|boot-/.test(o.stack)) seen = c.claim;`),
  ],
], { place: "alone" });

/** Attempts to forge. */
export const FORGING: readonly Attempt[] = [...WALKS, ...STDERR, ...PATHS];
