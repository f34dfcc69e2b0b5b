/** Every field of a manifest, as it must be and as it must not. @module */
import assert from "node:assert/strict";
import { testManifest } from "../../../tests/fakes/plugin_packages.ts";
import { encode, freshSeed, seededRandom } from "../../../tests/fakes/random.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { DEFAULT_LIMITS, type Manifest, MAX_LIMITS } from "../manifest.ts";
import { parseManifest } from "./read_manifest.ts";

const FILES = { "plugin.js": { sha256: "a".repeat(64), sizeBytes: 100 } };
const GOOD = { ...testManifest(), files: FILES };
const { permissions: PERMISSIONS } = GOOD;

type Json = Readonly<Record<string, unknown>>;

function parse(change: Json): Manifest {
  return parseManifest(encode(JSON.stringify({ ...GOOD, ...change })));
}

/** `message | hint` */
function refusal(text: string | Uint8Array): string {
  try {
    parseManifest(typeof text === "string" ? encode(text) : text);
  } catch (error) {
    assert.ok(error instanceof KmError, `${error} for ${text.slice(0, 100)}`);
    assert.equal(error.code, "not_trusted");
    return `${error.message} | ${error.hint}`;
  }
  assert.fail(`it was accepted: ${text.slice(0, 1000)}`);
}

function refusedChange(change: Json): string {
  return refusal(JSON.stringify({ ...GOOD, ...change }));
}

const asks = (change: Json) => ({ permissions: { ...PERMISSIONS, ...change } });
const sees = (change: Json) => asks({ data: { ...PERMISSIONS.data, ...change } });

Deno.test("parseManifest() reads every field, and fills in those that ask for nothing", () => {
  verifies("kmpkg-manifest");
  const all = {
    ...GOOD,
    description: "Counts «things» — and 📦",
    protocol: [2, 1],
    requiredTier: "pro",
    customerId: "acme-7",
    permissions: {
      net: ["api.example.com:8443"],
      read: ["~/data", "/srv/data/logs"],
      write: ["~/.cache/quiet"],
      env: ["ACME_TOKEN"],
      data: { servers: ["git*"], methods: ["tools/*"], directions: ["server_to_client"], payload: "full" },
    },
    limits: MAX_LIMITS,
    configSchema: { type: "object", properties: { colour: { type: "string" } } },
    notBefore: "2026-01-01T00:00:00Z",
    expires: "2027-01-01T00:00:00.000Z",
  };
  assert.deepEqual(parse(all), all);
  const { customerId: _c, configSchema: _s, limits: _l, notBefore: _n, expires: _e, ...rest } = GOOD;
  const least = { ...rest, permissions: { data: PERMISSIONS.data } };
  assert.deepEqual(parseManifest(encode(JSON.stringify(least))), GOOD);
  assert.deepEqual(parse({ limits: { heapMiB: 64 } }).limits, { ...DEFAULT_LIMITS, heapMiB: 64 });
  assert.deepEqual(parse(asks({ net: ["api.example.com"] })).permissions.net, ["api.example.com:443"]);
});

/** [what is changed, what is said] */
const REFUSED: readonly (readonly [Json, RegExp])[] = [
  [{ schema: 2 }, /its schema is not 1.*update km/],
  [{ schema: "1" }, /its schema is not 1/],
  [{ name: "Quiet" }, /name is "Quiet", and must be small letters/],
  [{ name: "../quiet" }, /name is "\.\.\/quiet"/],
  [{ name: "a--b" }, /name is "a--b"/],
  [{ name: "con/x" }, /name is/],
  [{ name: "a".repeat(65) }, /name is/],
  [{ name: "" }, /name is ""/],
  [{ name: undefined }, /name is missing/],
  [{ name: ["quiet"] }, /name is \["quiet"\]/],
  [{ version: "1.2" }, /version is "1\.2", and must be a semantic version/],
  [{ version: "v1.2.0" }, /version is "v1\.2\.0"/],
  [{ version: "../1.2.0" }, /version is/],
  [{ version: 1 }, /version is 1/],
  [{ minKm: null }, /minKm is null/],
  [{ description: "" }, /description is ""/],
  [{ description: " x" }, /description is " x", and must be one line/],
  [{ description: "a".repeat(301) }, /description is/],
  [
    { description: "safe\u001b[2Jsound" },
    /it holds "safe\\e\[2Jsound": control, bidirectional and invisible/,
  ],
  [{ description: "safe\u202Egnp.exe" }, /it holds "safe\\u\{202e\}gnp\.exe": control/],
  [{ description: "a\nkm: error: b" }, /it holds "a\\nkm: error: b": control/],
  [{ description: "zero\u200Bwidth" }, /invisible characters are not allowed/],
  [{ publisher: "Аcme" }, /publisher is "Аcme", and must be 1 to 64 Latin letters/],
  [{ publisher: "" }, /publisher is ""/],
  [{ publisher: "Acme " }, /publisher is "Acme "/],
  [{ publisher: "__proto__" }, /publisher is "__proto__"/],
  [{ protocol: [] }, /protocol is \[\], and must be a list of different whole numbers/],
  [{ protocol: 1 }, /protocol is 1/],
  [{ protocol: [1, 1] }, /protocol is \[1,1\]/],
  [{ protocol: [1.5] }, /protocol is/],
  [{ protocol: ["1"] }, /protocol is/],
  [{ protocol: [0] }, /protocol is/],
  [{ requiredTier: "gold" }, /requiredTier is "gold", and must be one of free, pro, enterprise/],
  [{ requiredTier: "toString" }, /requiredTier is/],
  [{ customerId: "" }, /customerId is ""/],
  [{ customerId: "a b" }, /customerId is "a b"/],
  [{ customerId: 7 }, /customerId is 7/],
  [{ releaseSequence: 0 }, /releaseSequence is 0, and must be a whole number from 1/],
  [{ releaseSequence: 1.5 }, /releaseSequence is 1\.5/],
  [{ releaseSequence: 2 ** 53 }, /releaseSequence is/],
  [{ releaseSequence: "12" }, /releaseSequence is "12"/],
  [{ notBefore: "2026-01-01" }, /notBefore is "2026-01-01", and must be null, or a time in UTC/],
  [{ expires: "2027-02-31T00:00:00Z" }, /expires is "2027-02-31T00:00:00Z"/],
  [{ expires: "2027-01-01T00:00:00+01:00" }, /expires is "2027-01-01T00:00:00\+01:00"/],
  [{ expires: 0 }, /expires is 0/],
  [
    { notBefore: "2027-01-01T00:00:00Z", expires: "2026-01-01T00:00:00Z" },
    /it expires \(2026-01-01T00:00:00Z\) before it begins/,
  ],
  [{ limits: null }, /limits is null, and must be an object/],
  [{ limits: [] }, /limits is \[\]/],
  [{ limits: { heapMiB: 513 } }, /limits\.heapMiB is 513, and must be a whole number from 16 to 512/],
  [{ limits: { residentMiB: 1 } }, /limits\.residentMiB is 1/],
  [{ limits: { cpuPercent: 101 } }, /limits\.cpuPercent is 101/],
  [{ limits: { messageMs: 10_001 } }, /limits\.messageMs is 10001/],
  [{ limits: { frameBytes: 4 * 1024 * 1024 + 1 } }, /limits\.frameBytes is/],
  [{ limits: { logBytesPerMinute: -1 } }, /limits\.logBytesPerMinute is -1/],
  [{ limits: { payloadBytes: 1e9 } }, /limits\.payloadBytes is/],
  [{ limits: { queueMessages: 0 } }, /limits\.queueMessages is 0/],
  [{ limits: { queueBytes: null } }, /limits\.queueBytes is null/],
  [{ limits: { heap: 64 } }, /it has a field "limits\.heap", which this km does not know/],
  [{ configSchema: [] }, /configSchema is \[\]/],
  [{ configSchema: { type: "string" } }, /configSchema\.type is "string", and must be "object"/],
  [{ configSchema: {} }, /configSchema\.type is missing/],
  [
    { configSchema: { type: "object", $ref: "x" } },
    /configSchema\.\$ref is a keyword that km does not check/,
  ],
  [{ files: {} }, /files\.plugin\.js is missing, and must be an object/],
  [
    { files: { ...FILES, "../x": FILES["plugin.js"] } },
    /it lists a file "\.\.\/x", which belongs into no package/,
  ],
  [{ files: { ...FILES, "manifest.json": FILES["plugin.js"] } }, /it lists a file "manifest\.json"/],
  [{ files: { "plugin.js": { sha256: "A".repeat(64), sizeBytes: 1 } } }, /files\.plugin\.js\.sha256 is "AAA/],
  [{ files: { "plugin.js": { sha256: "a".repeat(64), sizeBytes: 0 } } }, /files\.plugin\.js\.sizeBytes is 0/],
  [{ files: { "plugin.js": { sha256: "a".repeat(64), sizeBytes: 1e7 } } }, /files\.plugin\.js\.sizeBytes is/],
  [{ files: { "plugin.js": { ...FILES["plugin.js"], mode: 7 } } }, /a field "files\.plugin\.js\.mode"/],
  [{ scripts: { install: "x" } }, /it has a field "scripts", which this km does not know/],
  [{ permissions: [] }, /permissions is \[\], and must be an object/],
  [{ permissions: {} }, /permissions\.data is missing/],
  [asks({ hid: true }), /it has a field "permissions\.hid"/],
  [asks({ net: "*" }), /permissions\.net is "\*", and must be a list/],
  [asks({ net: true }), /permissions\.net is true/],
  [asks({ net: [443] }), /permissions\.net\[0\] is 443, and must be a text/],
  [asks({ net: ["*"] }), /permissions\.net\[0\] "\*" is a pattern: each host is named/],
  [asks({ net: ["a.example", "a.example:443"] }), /permissions\.net names "a\.example:443" twice/],
  [
    asks({ net: Array.from({ length: 65 }, (_, at) => `h${at}.example`) }),
    /permissions\.net is .*a list of 0 to 64/,
  ],
  [asks({ read: ["/"] }), /permissions\.read\[0\] "\/" is the whole disk/],
  [asks({ write: ["~/.km"] }), /permissions\.write\[0\] "~\/\.km" is where secrets lie/],
  [asks({ env: ["A-B"] }), /permissions\.env\[0\] "A-B" is no name of an environment variable/],
  [asks({ env: ["*"] }), /permissions\.env\[0\] "\*" is no name/],
  [sees({ servers: [] }), /permissions\.data\.servers is \[\], and must be a list of 1 to 64/],
  [sees({ servers: undefined }), /permissions\.data\.servers is missing/],
  [
    sees({ methods: ["a,b"] }),
    /permissions\.data\.methods\[0\] is "a,b", and must be 1 to 200 characters without/,
  ],
  [sees({ methods: [""] }), /permissions\.data\.methods\[0\] is ""/],
  [
    sees({ directions: ["both"] }),
    /directions\[0\] is "both", and must be one of client_to_server, server_to_client/,
  ],
  [sees({ payload: "all" }), /permissions\.data\.payload is "all", and must be one of none, redacted, full/],
  [sees({ extra: 1 }), /a field "permissions\.data\.extra"/],
];

Deno.test("parseManifest() refuses every field that is not as it must be, and names it", () => {
  verifies("kmpkg-manifest");
  for (const [change, said] of REFUSED) assert.match(refusedChange(change), said, JSON.stringify(change));
});

Deno.test("parseManifest() lets no plugin ask to run programs, to call foreign functions, or for all", () => {
  verifies("plugin-never-asked");
  for (const [name, what] of [["run", "running programs"], ["ffi", "foreign functions"], ["sys", "facts"]]) {
    for (const value of [[], true, false, ["git"], null]) {
      assert.match(
        refusedChange(asks({ [String(name)]: value })),
        new RegExp(
          `it asks for permissions\\.${name}, and ${what}.* can never be asked for \\| no grant could`,
        ),
      );
    }
  }
  assert.match(refusedChange(asks({ import: ["jsr.io"] })), /importing code can never be asked for/);
  assert.match(refusedChange(asks({ all: true })), /everything can never be asked for/);
});

Deno.test("parseManifest() lets no plugin ask for variables that steer km or the sandbox", () => {
  for (
    const name of [
      "KM_HOME",
      "km_home",
      "DENO_PERMISSION_BROKER_PATH",
      "NODE_OPTIONS",
      "NPM_CONFIG_REGISTRY",
      "LD_PRELOAD",
      "DYLD_INSERT_LIBRARIES",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "HTTPS_PROXY",
      "http_proxy",
      "no_proxy",
      "SSLKEYLOGFILE",
      "SSL_CERT_FILE",
    ]
  ) {
    assert.match(refusedChange(asks({ env: [name] })), /is a variable that steers km or the sandbox/, name);
  }
  const fine = ["KMART_KEY", "DENOMINATION", "GITHUB_TOKEN", "LDAP_URL", "home"];
  assert.deepEqual(parse(asks({ env: fine })).permissions.env, fine);
});

Deno.test("parseManifest() reads JSON in one way only", () => {
  verifies("kmpkg-manifest");
  const text = JSON.stringify(GOOD);
  for (const no of ["", "null x", "{", "\ufeff" + text, text + "x", "{'a':1}"]) {
    assert.match(refusal(no), /it is no JSON/, no.slice(0, 20));
  }
  for (const no of ["null", "[]", '"x"', "7"]) assert.match(refusal(no), /it is .*, and must be an object/);
  assert.match(refusal(new Uint8Array([0x22, 0xff, 0x22])), /it is no JSON/);
  const twice = text.replace('"name":', '"name":"loud","name":');
  assert.match(refusal(twice), /it names "name" twice in one object/);
  // Another spelling of the same key.
  assert.match(refusal(text.replace('"name":', '"n\\u0061me" : "loud",\n"name":')), /it names "name" twice/);
  assert.match(refusal(text.replace('"net":', '"net":["evil.example"],"net":')), /it names "net" twice/);
  assert.match(refusal(text.replace("{", '{"__proto__":{"schema":1},')), /a field "__proto__"/);
  assert.match(refusal(text.replace("{", '{"constructor":1,')), /a field "constructor"/);
  assert.match(refusal("[".repeat(100_000)), /it is no JSON/);
  const deep = (times: number) => `{"type":"object","default":${"[".repeat(times)}${"]".repeat(times)}}`;
  const withSchema = (schema: string) => text.replace('"configSchema":null', `"configSchema":${schema}`);
  assert.match(refusal(withSchema(deep(100))), /it is nested deeper than 32 times/);
  assert.equal(parseManifest(encode(withSchema(deep(20)))).name, "quiet");
  assert.match(refusal(`{"a":"${"x".repeat(300_000)}"}`), /it is longer than 262144 bytes/);
  // Brackets and colons inside of texts are none.
  const odd = withSchema('{"type":"object","title":"{\\"name\\": [[[","description":"\\\\"}');
  assert.equal(parseManifest(encode(odd)).configSchema?.title, '{"name": [[[');
});

/** What somebody writes who wants to see what happens. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "*",
  "../../x",
  "\u0000",
  "\u202e",
  "a".repeat(5000),
  [],
  [[]],
  [null],
  {},
  { "": 0 },
  { length: 1 },
  { toString: 1 },
  { then: {} },
];

/** A copy of `value` in which one thing, anywhere, is another. */
function disturbed(value: unknown, random: () => number): unknown {
  const odd = () => ODD[Math.floor(random() * ODD.length)];
  if (random() < 0.1) return odd();
  if (Array.isArray(value) && value.length > 0) {
    const at = Math.floor(random() * value.length);
    return random() < 0.3 ? [...value, odd()] : value.with(at, disturbed(value[at], random));
  }
  if (typeof value !== "object" || value === null) return odd();
  const entries = Object.entries(value);
  const at = Math.floor(random() * entries.length);
  const [name, inner] = entries[at] ?? [];
  if (name === undefined) return odd();
  if (random() < 0.1) return Object.fromEntries(entries.toSpliced(at, 1));
  if (random() < 0.1) return Object.fromEntries([...entries, [JSON.stringify(odd()), inner]]);
  return Object.fromEntries(entries.with(at, [name, disturbed(inner, random)]));
}

Deno.test("parseManifest() reads thousands of odd manifests the same way twice, or refuses them clearly", () => {
  verifies("kmpkg-manifest");
  const seed = freshSeed();
  const random = seededRandom(seed);
  let read = 0;
  for (let round = 0; round < 5000; round++) {
    const bytes = encode(JSON.stringify(disturbed(GOOD, random)));
    let manifest: Manifest;
    try {
      manifest = parseManifest(bytes);
    } catch (error) {
      assert.ok(error instanceof KmError && error.code === "not_trusted", `seed ${seed}, ${round}: ${error}`);
      assert.equal(printable(error.message), error.message, `seed ${seed}, round ${round}`);
      assert.ok(error.message.length < 500, `seed ${seed}, round ${round}`);
      continue;
    }
    read++;
    assert.deepEqual(
      parseManifest(encode(JSON.stringify(manifest))),
      manifest,
      `seed ${seed}, round ${round}`,
    );
  }
  assert.ok(read < 2500, `${read} of 5000 were taken`);
});
