import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import type { Permissions } from "../../plugins/manifest.ts";
import { describePermissions } from "../../plugins/permissions/describe.ts";
import { consentLines, type ConsentView } from "./consent.ts";

const PLAIN = { columns: 80, color: false };
const KEY = "0123456789abcdef".repeat(4);
const HOSTILE = "\u202etxt.exe\x1b[2J\x9b31m\r\nApproved by km\u200b";
/** What no line may hold: control, format and separator characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const WANTED: Permissions = {
  net: ["api.example.com:443"],
  read: [],
  write: [],
  env: ["ACME_TOKEN"],
  data: { servers: ["*"], methods: ["tools/call"], directions: ["client_to_server"], payload: "redacted" },
};

function view(change: Partial<ConsentView> = {}): ConsentView {
  return {
    name: "quiet",
    version: "1.2.0",
    description: "Does nothing with messages",
    publisher: "Acme",
    key: { id: KEY, algorithm: "Ed25519", standing: "first-use", before: null },
    tier: "free",
    customerId: null,
    source: "/tmp/quiet.kmpkg",
    wanted: describePermissions(WANTED),
    update: null,
    warnings: [],
    ...change,
  };
}

Deno.test("what a user agrees to says who made it, and each permission with its risk, worst first", () => {
  verifies("consent");
  const text = consentLines(view(), PLAIN).join("\n");
  match(text, /^quiet 1\.2\.0\n {2}"Does nothing with messages"\n\npublisher {2}Acme \(its own words/);
  match(text, /seen here for the first time: compare it/);
  for (const line of describePermissions(WANTED)) {
    const words = text.replaceAll(/\s+(?:→ )?/g, " ");
    for (const part of [line.text, line.risk, line.token]) ok(words.includes(part), part);
  }
  const ranks = [...text.matchAll(/^ {2}(HIGH|medium|low) /gm)].map(([, word = ""]) => word);
  deepStrictEqual(
    ranks,
    ranks.toSorted((a, b) => ["HIGH", "medium", "low"].indexOf(a) - ["HIGH", "medium", "low"].indexOf(b)),
  );
  deepStrictEqual([ranks.length, ranks[0]], [6, "HIGH"]);
  for (const line of text.split("\n")) ok(line.length <= 80, line);
  equal(text.replaceAll(/\s/g, "").includes(KEY), true, "the whole fingerprint");
});

Deno.test("nothing that a package says reaches the terminal unescaped, whatever field it stands in", () => {
  verifies("consent");
  const hostile = view({
    description: HOSTILE,
    publisher: HOSTILE,
    customerId: HOSTILE,
    source: HOSTILE,
    version: HOSTILE,
    name: HOSTILE,
    wanted: describePermissions({ ...WANTED, env: [HOSTILE], data: { ...WANTED.data, servers: [HOSTILE] } }),
    update: {
      version: HOSTILE,
      added: [{ token: HOSTILE, text: HOSTILE, risk: HOSTILE, severity: "low" }],
      removed: [{ token: HOSTILE, text: HOSTILE, risk: HOSTILE, severity: "low" }],
    },
    warnings: [HOSTILE],
  });
  for (const shown of [hostile, { ...hostile, update: null }]) {
    for (const line of consentLines(shown, PLAIN)) ok(!UNSAFE.test(line), JSON.stringify(line));
  }
});

Deno.test("an update shows what is new since the version that is installed, and what it gave up", () => {
  verifies("consent");
  const [first, ...others] = describePermissions(WANTED);
  ok(first);
  const update = { version: "1.1.0", added: [first], removed: others.slice(0, 1) };
  const text = consentLines(view({ update }), PLAIN).join("\n");
  match(text, /Beyond what you granted to 1\.1\.0, it would be allowed to:/);
  match(text, /No longer asked for: \S+=/);
  match(
    consentLines(view({ update: { ...update, added: [] } }), PLAIN).join("\n"),
    /It asks for no more than you granted to 1\.1\.0\./,
  );
});

Deno.test("a key that changed is said in red, with the one before", () => {
  verifies("consent");
  const key = { id: KEY, algorithm: "Ed25519", standing: "accepted", before: "f".repeat(64) } as const;
  const text = consentLines(view({ key }), { columns: 80, color: true }).join("\n");
  ok(text.includes("\x1b[31m           NOT the key that Acme had until now"));
});
