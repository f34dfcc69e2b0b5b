import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { createRedactor, redactCommand, redactText } from "./redact.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function redact(text: string, options: { secrets?: string[]; cut?: boolean } = {}): string {
  return decoder.decode(createRedactor(options.secrets).bytes(encoder.encode(text), options.cut));
}

// Joined at run time, so that no scanner takes this file for a leak.
const A36 = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6";
const SECRETS: [label: string, secret: string][] = [
  ["anthropic-key", "sk-ant-" + "api03-" + A36 + "_" + A36],
  ["openai-key", "sk-" + "proj-" + A36],
  ["openai-key", "sk-" + A36],
  ["stripe-key", "sk_" + "live_" + A36],
  ["stripe-key", "rk_" + "live_" + A36],
  ["stripe-webhook-secret", "whsec" + "_" + A36],
  ["github-token", "ghp" + "_" + A36],
  ["github-token", "gho" + "_" + A36],
  ["github-token", "ghs" + "_" + A36],
  ["github-token", "github" + "_pat_" + A36 + "_" + A36],
  ["gitlab-token", "glpat" + "-" + A36.slice(0, 20)],
  ["slack-token", "xoxb" + "-123456789012-" + A36],
  ["slack-token", "xoxp" + "-123456789012-" + A36],
  ["aws-access-key", "AKIA" + "IOSFODNN7EXAMPL3"],
  ["aws-access-key", "ASIA" + "IOSFODNN7EXAMPL3"],
  ["google-api-key", "AIza" + A36.slice(0, 35)],
  ["google-oauth-token", "ya29" + "." + A36],
  ["npm-token", "npm" + "_" + A36],
  ["pypi-token", "pypi" + "-AgEIcHlwaS5vcmc" + A36],
  ["huggingface-token", "hf" + "_" + A36],
  ["sendgrid-key", "SG" + "." + A36.slice(0, 22) + "." + A36 + "abcdefg"],
  ["twilio-key", "SK" + "0123456789abcdef0123456789abcdef"],
  ["telegram-token", "1234567890" + ":AA" + A36.slice(0, 33)],
  ["discord-token", "MTk4NjIyNDgzNDcxOTI1MjQ4" + ".Cl2FMQ." + A36.slice(0, 30)],
  ["age-key", "AGE-SECRET-KEY-" + "1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE"],
  ["jwt", "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0." + A36],
];

for (const [label, secret] of SECRETS) {
  Deno.test(`redact() takes out a ${label} (${secret.slice(0, 6)}…) wherever it stands`, () => {
    verifies("redact-known-keys");
    const marked = `[redacted:${label}]`;
    assert.equal(redact(`before ${secret} after`), `before ${marked} after`);
    assert.deepEqual(JSON.parse(redact(JSON.stringify({ text: `a\n${secret}\nb` }))), {
      text: `a\n${marked}\nb`,
    });
    const nested = JSON.stringify({ text: JSON.stringify({ list: [secret, `x\n${secret}`] }) });
    assert.deepEqual(JSON.parse(JSON.parse(redact(nested)).text), { list: [marked, `x\n${marked}`] });
    assert.equal(
      redact(`{"text":"${secret.slice(0, -3)}`, { cut: true }).includes(secret.slice(0, -3)),
      false,
    );
  });
}

const PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7v\nq+/=\n-----END RSA PRIVATE KEY-----";
const GITHUB = "ghp" + "_" + A36;
const HIDDEN: [input: string, output: string][] = [
  [`{"key":${JSON.stringify(PEM)}}`, `{"key":"[redacted:private-key]"}`],
  [PEM, "[redacted:private-key]"],
  [
    JSON.stringify({ a: JSON.stringify({ key: PEM + "\n" }) }),
    `{"a":"{\\"key\\":\\"[redacted:private-key]\\\\n\\"}"}`,
  ],
  [
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nabc=\n-----END PGP PRIVATE KEY BLOCK-----",
    "[redacted:private-key]",
  ],
  [`"-----BEGIN PRIVATE KEY-----\\nMIIEp"`, `"[redacted:private-key]"`],
  [`{"password":"hunter2","a":1}`, `{"password":"[redacted:secret]","a":1}`],
  [`{"Password" : "a\\"b\\\\"}`, `{"Password" : "[redacted:secret]\\\\"}`],
  [`{"client_secret":"x","b":["y"]}`, `{"client_secret":"[redacted:secret]","b":["y"]}`],
  [`{"x-api-key":"é\\u0022"}`, `{"x-api-key":"[redacted:secret]"}`],
  [`{"set-cookie":["a=b; c"]}`, `{"set-cookie":["[redacted:secret]"]}`],
  [`{"Authorization":"Bearer abc"}`, `{"Authorization":"Bearer [redacted:secret]"}`],
  [
    `{"t":"{\\"api_key\\": \\"v\\",\\"b\\":\\"c\\"}"}`,
    `{"t":"{\\"api_key\\": \\"[redacted:secret]\\",\\"b\\":\\"c\\"}"}`,
  ],
  [
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: `q"\\`, c: "d" }) }) }),
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: `[redacted:secret]\\`, c: "d" }) }) }),
  ],
  [`https://user:pa55@host/x`, `https://user:[redacted:url-password]@host/x`],
  [`"https:\\/\\/user:p@ss@host\\/x"`, `"https:\\/\\/user:[redacted:url-password]@host\\/x"`],
  [`postgres://app:s3cret@db:5432/x`, `postgres://app:[redacted:url-password]@db:5432/x`],
  [`https://h/p?token=abc&b=1`, `https://h/p?token=[redacted:secret]&b=1`],
  [`https://h/p?a=1&api_key=abc`, `https://h/p?a=1&api_key=[redacted:secret]`],
  [`Authorization: Basic dXNlcjpwYXNz`, `Authorization: Basic [redacted:secret]`],
  [`curl -H 'Authorization: Bearer abc.def' x`, `curl -H 'Authorization: Bearer [redacted:secret]' x`],
  [`got Bearer abc123def rest`, `got Bearer [redacted:bearer-token] rest`],
  [`Cookie: sid=1; x=2`, `Cookie: [redacted:secret]`],
  [`GITHUB_TOKEN=abc next`, `GITHUB_TOKEN=[redacted:secret] next`],
  [`password = "hunter2"`, `password = "[redacted:secret]"`],
  [`password: hunter2`, `password: [redacted:secret]`],
  [`{'password': 'hunter2'}`, `{'password': '[redacted:secret]'}`],
  [`{"password":{"value":"hunter3","n":1}}`, `{"password":{"value":"[redacted:secret]","n":1}}`],
  [`{"secrets":[{"v":"hunter4"},"b"]}`, `{"secrets":[{"v":"[redacted:secret]"},"[redacted:secret]"]}`],
  [
    `{"password":{"type":"string","description":"What","default":"hunter5"}}`,
    `{"password":{"type":"string","description":"What","default":"[redacted:secret]"}}`,
  ],
  [
    `{"t":"{\\"password\\":{\\"v\\":\\"x\\"},\\"b\\":\\"c\\"}"}`,
    `{"t":"{\\"password\\":{\\"v\\":\\"[redacted:secret]\\"},\\"b\\":\\"c\\"}"}`,
  ],
  [
    `{"password":{"GHP":"v","note":1}}`.replace("GHP", GITHUB),
    `{"password":{"[redacted:github-token]":"[redacted:secret]","note":1}}`,
  ],
  ["https://abcdefghijklmnopq@host/r.git", "https://[redacted:url-password]@host/r.git"],
  ["https://abcdefghijklmnopq:@host/r.git", "https://[redacted:url-password]:@host/r.git"],
  [`{"argv":["x","--password","hunter6","y"]}`, `{"argv":["x","--password","[redacted:secret]","y"]}`],
  ["curl -u user:pass http://x", "curl -u user:[redacted:secret] http://x"],
  [`{"c":"curl --user 'user:pass' http://x"}`, `{"c":"curl --user 'user:[redacted:secret]' http://x"}`],
  [`{"name":"password","value":"x"}`, `{"name":"password","value":"[redacted:secret]"}`],
  [
    `{"key":"API_KEY", "type":"text", "n":5, "value": "x"}`,
    `{"key":"API_KEY", "type":"text", "n":5, "value": "[redacted:secret]"}`,
  ],
  [`{"value":"x","name":"password"}`, `{"value":"[redacted:secret]","name":"password"}`],
  [`{"bearer":"b1","pwd":"hunter7"}`, `{"bearer":"[redacted:secret]","pwd":"[redacted:secret]"}`],
  [`{"x":"${escaped(GITHUB)}"}`, `{"x":"[redacted:github-token]"}`],
  [`{"x":"${GITHUB.slice(0, 30)}${escaped(GITHUB.slice(30))}"}`, `{"x":"[redacted:github-token]"}`],
  [`{"p\\u0061ssword":"hunter2hunter2"}`, `{"password":"[redacted:secret]"}`],
  [
    `{"t":"{\\u0022password\\u0022:\\u0022hunter2\\u0022}"}`,
    `{"t":"{\\"password\\":\\"[redacted:secret]\\"}"}`,
  ],
  [
    JSON.stringify({ t: `{"p\\u0061ssword":"a\\u0022b"}` }),
    JSON.stringify({ t: `{"password":"[redacted:secret]"}` }),
  ],
  [`\x1b[32m${GITHUB}\x1b[0m`, `\x1b[32m[redacted:github-token]\x1b[0m`],
  [
    "\x1b[1mpassword\x1b[0m=\x1b[33mPWCOLOR1\x1b[0m",
    "\x1b[1mpassword\x1b[0m=\x1b[33m[redacted:secret]\x1b[0m",
  ],
  [
    `{"t":"\\u001b[1;32mauth\\u001b[0m=\\u001B[33mPWCOLOR1\\u001b[0m"}`,
    `{"t":"\\u001b[1;32mauth\\u001b[0m=\\u001B[33m[redacted:secret]\\u001b[0m"}`,
  ],
  [
    `\x1b[34;1m"password"\x1b[0m\x1b[39m:\x1b[0m \x1b[32m"hunter2"\x1b[0m`,
    `\x1b[34;1m"password"\x1b[0m\x1b[39m:\x1b[0m \x1b[32m"[redacted:secret]"\x1b[0m`,
  ],
  [`x${GITHUB}`, "x[redacted:github-token]"],
  [`xAKIA${"IOSFODNN7EXAMPL3"}`, "x[redacted:aws-access-key]"],
  [
    "https://hooks.slack.com/services/T00000000/B00000000/aBcDeFgHiJkL",
    "https://hooks.slack.com/services/[redacted:slack-webhook]",
  ],
];

for (const [input, output] of HIDDEN) {
  Deno.test(`redact() hides the secret of ${input.slice(0, 50).replaceAll("\n", "⏎")}`, () => {
    verifies("redact-json-fields", "redact-authorization");
    assert.equal(redact(input), output);
  });
}

const HARMLESS = [
  `{"max_tokens":5,"progressToken":"abc","nextCursor":"xyz","requestState":"opaque==","token_count":"7"}`,
  `{"password":null,"token":12,"secret":true,"cookie":{},"authorization":[]}`,
  `{"properties":{"password":{"type":"string","description":"The password"}},"required":["password","token"]}`,
  `{"_meta":{"progressToken":"p-1"},"nextPageToken":"n","tokens":"many","tokenizer":"bpe"}`,
  `{"password":""}`,
  "The token: a small thing. Bearer authentication and basic usage; secret = none, password: required",
  "https://host:8080/a@b http://localhost:3000 mailto:a@b.c ftp://host/x",
  "a task-oriented desk-lamp-something-very-long-indeed risk_free npm_config_registry skill",
  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  "| --- | --- |",
  `["password","="]`,
  `{"command":["-u","--password","-v"],"args":["--max-tokens","5"]}`,
  `{"name":"password","description":"Your password","required":true}`,
  `{"name":"progressToken","value":"x"}`,
  `{"PWD":"/home/me","OLDPWD":"/root","a":"PWD=/srv/x"}`,
  "docker run -u 1000:1000 x; git push -u origin a:b",
  `{"html":"\\u003cb\\u003e \\u0026amp; it\\u0027s","n":"\\u001b[1mbold\\u001b[0m"}`,
  "ssh://git@host/x user@example.org mailto:someone.with.a.long.name@example.org",
  "task-or-AKIAsomething-else xAKIAIOSFODNN7EXAMPLETOOLONG",
  `{"q":"password=","b":"c"}`,
  `{"token":"[redacted:secret]"}`,
];

for (const text of HARMLESS) {
  Deno.test(`redact() leaves alone and returns the same bytes: ${text.slice(0, 50).replaceAll("\n", "⏎")}`, () => {
    const bytes = encoder.encode(text);
    assert.equal(decoder.decode(createRedactor().bytes(bytes)), text);
    assert.equal(createRedactor().bytes(bytes), bytes);
  });
}

Deno.test("redact() takes out the secrets that km holds, however JSON writes them", () => {
  verifies("redact-own-secrets");
  const held = `pa"ss\\wo/rd`;
  const options = { secrets: [held, "tiny"] };
  assert.equal(redact(`x ${held} y tiny`, options), "x [redacted:known-secret] y tiny");
  const nested = JSON.stringify({ a: held, b: JSON.stringify({ c: held }) });
  const redacted = JSON.parse(redact(nested, options));
  assert.equal(redacted.a, "[redacted:known-secret]");
  assert.deepEqual(JSON.parse(redacted.b), { c: "[redacted:known-secret]" });
  assert.equal(redact(`"x pa\\"ss`, { ...options, cut: true }), `"x [redacted:known-secret]`);
});

Deno.test("redact() takes out what the cap cut off in the middle", () => {
  verifies("redact-known-keys");
  for (
    const text of [`{"password":"hun`, `"https://user:pass`, `{"a":"eyJhbGc`, `{"a":"Bearer a`, `"ghp_ab`]
  ) {
    const redacted = redact(text, { cut: true });
    assert.match(redacted, /\[redacted:[a-z-]+\]$/, redacted);
  }
});

Deno.test("redact() keeps JSON what it was, for random values full of secrets and escapes", () => {
  verifies("redact-json-fields");
  const random = seeded(7);
  const redactor = createRedactor(['n"ull\\', "\\nfalse", "known-secret-1"]);
  for (let round = 0; round < 3_000; round++) {
    const value = randomValue(random, 0);
    const plain = JSON.stringify(value);
    // Half of them with escapes that need not be.
    const text = round % 2 === 0 ? plain : plain.replace(/[gw]/g, escaped);
    const redacted = decoder.decode(redactor.bytes(encoder.encode(text)));
    assert.equal(shape(JSON.parse(redacted)), shape(value), text);
  }
});

Deno.test("redact() is the same when done twice", () => {
  for (const [input] of HIDDEN) assert.equal(redact(redact(input)), redact(input));
  const all = SECRETS.map(([, secret]) => secret).join(" ");
  assert.equal(redact(redact(all)), redact(all));
});

Deno.test("redact() bears any bytes, cut anywhere", () => {
  const random = seeded(3);
  const redactor = createRedactor();
  for (let round = 0; round < 1_000; round++) {
    const bytes = encoder.encode(JSON.stringify(randomValue(random, 0)));
    for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    redactor.bytes(bytes.subarray(0, Math.floor(random() * bytes.length)), true);
  }
});

Deno.test("redact() takes no square of time for texts of nothing but beginnings", () => {
  const beginnings = [
    `{"password":`,
    `{"secrets":[`,
    `{"name":"password",`,
    `"--password",`,
    "curl -u ",
    "sk-",
    "AIza",
    "eyJ",
    "xghp_",
    "\\u0067",
    "\x1b[1m",
    `"password":{"`,
  ];
  const redactor = createRedactor();
  for (const beginning of beginnings) {
    const bytes = encoder.encode(beginning.repeat(200_000 / beginning.length));
    const startMs = performance.now();
    redactor.bytes(bytes);
    assert.ok(performance.now() - startMs < 2_000, beginning);
  }
});

Deno.test("redactText() returns the text itself when there is nothing to hide", () => {
  assert.equal(redactText("plain"), "plain");
});

Deno.test("redactCommand() hides flags, variables, headers and URLs of a command line", () => {
  verifies("redact-command-line");
  assert.deepEqual(
    redactCommand([
      "env",
      "API_KEY=abc",
      "npx",
      "-y",
      "srv",
      "--token",
      "abc",
      "--api-key=x=y",
      "--token",
      "--verbose",
      "--max-tokens",
      "5",
    ]),
    [
      "env",
      "API_KEY=[redacted:secret]",
      "npx",
      "-y",
      "srv",
      "--token",
      "[redacted:secret]",
      "--api-key=[redacted:secret]",
      "--token",
      "--verbose",
      "--max-tokens",
      "5",
    ],
  );
  assert.deepEqual(
    redactCommand(["mcp-remote", "https://u:p@h/x?token=1", "--header", "Authorization: Bearer abc"]),
    [
      "mcp-remote",
      "https://u:[redacted:url-password]@h/x?token=[redacted:secret]",
      "--header",
      "Authorization: Bearer [redacted:secret]",
    ],
  );
});

/** The text as JSON may write it: each character as an escape. */
function escaped(text: string): string {
  return text.replace(/./g, (character) => "\\u00" + character.charCodeAt(0).toString(16));
}

function seeded(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
}

function pick<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

function randomString(random: () => number): string {
  const pieces = [
    ...SECRETS.map(([, secret]) => secret),
    PEM,
    "\n",
    "\\",
    '"',
    "'",
    "/",
    "é",
    "\u0000",
    "=",
    ": ",
    "https://u:p@h",
    "password",
    "token=",
    "Bearer ",
    "npm_",
    "hf_",
    "-----BEGIN PRIVATE KEY-----",
    "known-secret-1",
    'n"ull\\',
    "\nfalse",
    " ",
    ",",
    "cookie: a=b",
    "'password': '",
    `password="`,
    "\x1b[1m",
    "\x1b[0m",
    "\\u0022",
    "\\u0067",
    "curl -u a:b",
    "--password",
  ];
  let text = "";
  for (let i = Math.floor(random() * 6); i >= 0; i--) text += pick(random, pieces);
  return text;
}

function randomValue(random: () => number, depth: number): unknown {
  const kind = random();
  if (depth > 3 || kind < 0.4) return randomString(random);
  if (kind < 0.5) return pick(random, [1, -2.5, true, false, null]);
  if (kind < 0.6) return JSON.stringify(randomValue(random, depth + 1));
  const size = Math.floor(random() * 4);
  if (kind < 0.75) return Array.from({ length: size }, () => randomValue(random, depth + 1));
  const keys = [
    "password",
    "api_key",
    "a",
    "token",
    "text",
    "Authorization",
    "cookie",
    "max_tokens",
    "b",
    "secrets",
    "name",
    "value",
  ];
  return Object.fromEntries(
    Array.from({ length: size }, () => [pick(random, keys), randomValue(random, depth + 1)]),
  );
}

/** A value with its strings blanked: what must not change. */
function shape(value: unknown): string {
  return JSON.stringify(value, (_key, each) => typeof each === "string" ? "" : each);
}
