import { deepEqual, equal, throws } from "node:assert/strict";
import { DEFAULT_DETACH_KEYS, describeKeys, DetachKeys, parseDetachKeys } from "./detach_keys.ts";

/** Feeds pieces; returns what passed, and `!` for the detach. */
function typed(keys: string, ...pieces: string[]): string {
  const finder = new DetachKeys(parseDetachKeys(keys));
  let passed = "";
  for (const piece of pieces) {
    const { pass, isDetached } = finder.feed(new TextEncoder().encode(piece));
    passed += new TextDecoder().decode(pass);
    if (isDetached) return passed + "!";
  }
  return passed;
}

const CASES: readonly (readonly [name: string, keys: string, pieces: readonly string[], passed: string])[] = [
  ["finds them", DEFAULT_DETACH_KEYS, ["ls\r\x1cdrest"], "ls\r!"],
  ["finds them in pieces", DEFAULT_DETACH_KEYS, ["\x1c", "d"], "!"],
  ["passes what is not them", DEFAULT_DETACH_KEYS, ["\x1cx\x1c", "y"], "\x1cx\x1cy"],
  ["takes a repeated beginning for a beginning", DEFAULT_DETACH_KEYS, ["\x1c\x1cd"], "\x1c!"],
  ["knows docker's keys", "ctrl-p,ctrl-q", ["a\x10\x11"], "a!"],
  ["knows one key", "ctrl-]", ["a\x1db"], "a!"],
  ["knows the kitty keyboard protocol", DEFAULT_DETACH_KEYS, ["\x1b[92;5u\x1b[100u"], "!"],
  ["knows keys that are let go", DEFAULT_DETACH_KEYS, [
    "\x1b[92;5:1u\x1b[92;5:3u\x1b[57442;5:3u\x1b[100;1:1u",
  ], "!"],
  ["knows Caps Lock and Num Lock", DEFAULT_DETACH_KEYS, ["\x1b[92;197u\x1b[100;193u"], "!"],
  ["knows modifyOtherKeys", DEFAULT_DETACH_KEYS, ["\x1b[27;5;92~d"], "!"],
  [
    "passes other sequences whole",
    DEFAULT_DETACH_KEYS,
    ["\x1b[A\x1b[<0;10;5M\x1b[I\x1bOP\x1b"],
    "\x1b[A\x1b[<0;10;5M\x1b[I\x1bOP\x1b",
  ],
  ["passes a sequence that is cut", DEFAULT_DETACH_KEYS, ["\x1b[9", "2;5u"], "\x1b[92;5u"],
  [
    "finds nothing in a paste",
    DEFAULT_DETACH_KEYS,
    ["\x1b[200~a\x1cdb\x1b[201~"],
    "\x1b[200~a\x1cdb\x1b[201~",
  ],
  [
    "finds them behind a paste",
    DEFAULT_DETACH_KEYS,
    ["\x1b[200~\x1cd\x1b[201~\x1cd"],
    "\x1b[200~\x1cd\x1b[201~!",
  ],
  [
    "passes what was held when something else is pasted",
    DEFAULT_DETACH_KEYS,
    ["\x1c\x1b[200~d"],
    "\x1c\x1b[200~d",
  ],
];

for (const [name, keys, pieces, passed] of CASES) {
  Deno.test(`DetachKeys ${name}`, () => equal(typed(keys, ...pieces), passed));
}

Deno.test("DetachKeys passes every byte that is not among them", () => {
  const finder = new DetachKeys(parseDetachKeys("ctrl-\\,d"));
  const bytes = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
  const { pass } = finder.feed(bytes);
  deepEqual([...pass], [...bytes]);
});

Deno.test("release() gives back what was held", () => {
  const finder = new DetachKeys(parseDetachKeys(DEFAULT_DETACH_KEYS));
  finder.feed(new Uint8Array([0x1c]));
  equal(finder.isHolding, true);
  deepEqual([...finder.release()], [0x1c]);
  deepEqual([...finder.feed(new TextEncoder().encode("d")).pass], [0x64]);
});

Deno.test("parseDetachKeys() refuses what is no key", () => {
  for (const text of ["", "ctrl-", "ctrl-1", "abc", "ctrl-p,", "é"]) {
    throws(() => parseDetachKeys(text), /Cannot read/, text);
  }
  equal(describeKeys(parseDetachKeys("CTRL-p,Q,ctrl-\\")), "Ctrl-P Q Ctrl-\\");
});
