/** Licences as users have them: signed in and out while plugins run, a licence server that says no, and what plugins of a tier do meanwhile. */
import assert from "node:assert/strict";
import { issueLicence, type IssuerKeyPair, makeIssuerKey } from "../../src/auth/issue_licence.ts";
import { openDatabase } from "../../src/store/database.ts";
import { readPluginEmits } from "../../src/store/plugin_emits_reader.ts";
import { FakeLicenceServer } from "../fakes/licence_server.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { type Ended, runKm, type Running, TempFolder } from "./harness.ts";
import { PluginTestHome } from "./plugin_home.ts";

const DAY_S = 86_400;
/** Finds something in each call, and keeps how many there were. */
const FINDER = `onMessage(message, { emit, state }) {
  if (message.event.kind !== "request") return;
  emit.finding({ key: "k" + message.event.rpcId, severity: "info", title: "a call", message });
}`;
/** The same, for who pays. */
const PAID = `requiredTier: "pro", ${FINDER}`;

/** An issuer, whose public keys are in a file. */
class Issuer implements Disposable {
  readonly #folder = new TempFolder();
  readonly #pair: IssuerKeyPair;
  readonly keysFile: string;

  private constructor(pair: IssuerKeyPair) {
    this.#pair = pair;
    this.keysFile = `${this.#folder.path}/keys.json`;
    Deno.writeTextFileSync(this.keysFile, JSON.stringify({ keys: [pair.publicJwk] }));
  }

  static async make(): Promise<Issuer> {
    return new Issuer(await makeIssuerKey("acme", "EdDSA"));
  }

  /** A file with a token for "c-42", of the tier pro. */
  async tokenFile(
    changes: { readonly customerId?: string; readonly endsInS?: number } = {},
  ): Promise<string> {
    const { customerId = "c-42", endsInS = DAY_S } = changes;
    const nowS = Math.floor(Date.now() / 1000);
    const times = { issuedAtS: nowS - 2 * DAY_S, expiresAtS: nowS + endsInS };
    const path = `${this.#folder.path}/token.txt`;
    const token = await issueLicence(this.#pair.privateJwk, { customerId, tier: "pro", ...times });
    Deno.writeTextFileSync(path, token + "\n");
    return path;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

async function km(home: PluginTestHome, ...args: string[]): Promise<Ended> {
  return await runKm(["plugins", ...args], { home: home.path, env: home.env });
}

/** Asks the server and waits for its answer. */
async function ask(monitor: Running, id: number): Promise<void> {
  const before = monitor.stdout.lines().length;
  await monitor.write(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo"}}\n`);
  await monitor.stdout.lineCount(before + 1);
}

function findings(home: PluginTestHome, name: string): string[] {
  using db = openDatabase(`${home.path}/km.db`, { mode: "read" });
  return readPluginEmits(db, name).findings.map(({ key }) => key).sort();
}

async function licenceOf(home: PluginTestHome): Promise<Record<string, unknown>> {
  return JSON.parse((await km(home, "licence", "--json")).out);
}

const linuxTest = (name: string, run: () => Promise<void>) => testUnless(unlessOs("linux"), name, run);

linuxTest(
  "a plugin of the tier pro starts when its user signs in, and stops when he signs out; what it found stays",
  async () => {
    verifies("tiers", "tiers-recheck");
    using issuer = await Issuer.make();
    await using home = new PluginTestHome({ KM_PLUGINS_LICENCE_KEYS: issuer.keysFile });
    await home.install({ name: "paid", members: PAID, manifest: { requiredTier: "pro" } });
    await home.install({ name: "gratis", members: FINDER });
    await using monitor = home.monitor("mcp");
    await ask(monitor, 1);
    const { reason } = await home.pluginIs("paid", ({ state }) => state === "refused");
    assert.match(reason ?? "", /it needs the tier "pro", and your licence is "free"/);
    await home.pluginIs("gratis", ({ counts }) => counts.findings > 0);

    const signedIn = await km(home, "login", "--token-file", await issuer.tokenFile());
    assert.match(signedIn.out, /^pro, of c-42, until \d{4}-\d\d-\d\d\n$/, signedIn.err);
    await home.pluginIs("paid", ({ state }) => state === "running");
    await ask(monitor, 2);
    await home.pluginIs("paid", ({ counts }) => counts.findings > 0);
    assert.equal(home.status?.licence.tier, "pro");

    assert.equal((await km(home, "logout")).code, 0);
    const after = await home.pluginIs("paid", ({ state }) => state === "refused");
    assert.match(after.reason ?? "", /it needs the tier "pro", and your licence is "free"/);
    await ask(monitor, 3);
    await home.pluginIs("gratis", ({ counts }) => counts.findings >= 3);
    assert.deepEqual(findings(home, "paid"), ["k2"]);
    assert.match((await km(home, "status")).out, /needs the tier "pro"/);
    assert.deepEqual(await licenceOf(home), {
      state: "none",
      tier: "free",
      customerId: null,
      plugins: null,
      expiresAt: null,
      graceEndsAt: null,
      reason: null,
    });
    await monitor.closeStdin();
    assert.equal((await monitor.ended()).code, 0);
  },
);

linuxTest(
  "a licence that its server revoked opens nothing; a server that is gone leaves it its grace period",
  async () => {
    verifies("tiers-recheck", "plugin-graceful");
    using issuer = await Issuer.make();
    await using server = new FakeLicenceServer();
    const env = { KM_PLUGINS_LICENCE_KEYS: issuer.keysFile, KM_PLUGINS_LICENCE_URL: server.url };
    await using home = new PluginTestHome(env);
    await home.install({ name: "paid", members: PAID, manifest: { requiredTier: "pro" } });
    assert.equal((await km(home, "login", "--token-file", await issuer.tokenFile())).code, 0);
    assert.equal(server.asked.length, 1);

    /** A host checks as it starts. */
    const withMonitor = async (state: "running" | "refused", licence: string) => {
      await using monitor = home.monitor("mcp");
      await ask(monitor, 1);
      const { reason } = await home.pluginIs("paid", (status) => status.state === state);
      if (licence === "revoked") {
        assert.match(reason ?? "", /licence is "free": the licence server revoked it: not paid$/);
      }
      assert.equal((await licenceOf(home)).state, licence);
      await monitor.closeStdin();
      assert.equal((await monitor.ended()).code, 0);
      await home.hostGone();
      Deno.removeSync(`${home.path}/plugins/status.json`);
    };
    server.answer = () => new Response("down for repairs", { status: 503 });
    await withMonitor("running", "grace");
    server.answer = () => Response.json({ reason: "not paid" }, { status: 403 });
    await withMonitor("refused", "revoked");
    const again = await km(home, "login", "--token-file", await issuer.tokenFile());
    assert.equal(again.code, 23);
    assert.match(
      again.err,
      /km: error: Cannot use this licence token: the licence server revoked it: not paid\n/,
    );
    server.answer = () => Response.json({ ok: true });
    await withMonitor("running", "valid");
  },
);

/** Asks its own issuer, whose answer a test sets. */
const CHECKING = `requiredTier: "pro",
authenticate() {
  const answer = Deno.env.get("ANSWER");
  if (answer === "silence") throw new Error("no network");
  return { accepted: answer === "yes", reason: "ask sales" };
},
onMessage() {}`;

linuxTest(
  "a plugin's own yes to the licence is kept sealed, and counts while the plugin cannot ask",
  async () => {
    verifies("tiers-recheck", "tiers-sealed");
    using issuer = await Issuer.make();
    await using home = new PluginTestHome({ KM_PLUGINS_LICENCE_KEYS: issuer.keysFile });
    const kept = `${home.path}/plugins/auth/checking`;
    await home.install({
      name: "checking",
      members: CHECKING,
      permissions: { env: ["ANSWER"] },
      manifest: { requiredTier: "pro" },
    });
    assert.equal((await km(home, "login", "--token-file", await issuer.tokenFile())).code, 0);

    const withAnswer = async (answer: string, state: "running" | "refused") => {
      await using monitor = home.monitor("mcp", [], { env: { ANSWER: answer } });
      await ask(monitor, 1);
      const { reason } = await home.pluginIs("checking", (status) => status.state === state);
      await monitor.closeStdin();
      await monitor.ended();
      await home.hostGone();
      Deno.removeSync(`${home.path}/plugins/status.json`);
      return reason ?? "";
    };
    assert.match(await withAnswer("silence", "refused"), /does not accept this licence: .*no network/);
    await withAnswer("yes", "running");
    assert.equal((Deno.statSync(kept).mode ?? 0) & 0o777, 0o600);
    assert.doesNotMatch(Deno.readTextFileSync(kept), /c-42|accepted/);
    await withAnswer("silence", "running");
    assert.match(
      home.log("checking").map(({ text }) => text).join("\n"),
      /no network.*its last yes counts until 20/,
    );
    assert.match(await withAnswer("no", "refused"), /does not accept this licence: ask sales/);
    assert.match(await withAnswer("silence", "refused"), /no network/);
  },
);

linuxTest("km plugins login refuses what is no licence, and keeps nothing readable", async () => {
  verifies("tiers", "tiers-sealed");
  using issuer = await Issuer.make();
  await using home = new PluginTestHome({ KM_PLUGINS_LICENCE_KEYS: issuer.keysFile });
  const file = await issuer.tokenFile({ endsInS: -60 });
  const refused = await km(home, "login", "--token-file", file);
  assert.deepEqual([refused.code, /it ended 20/.test(refused.err)], [23, true], refused.err);
  assert.equal((await licenceOf(home)).state, "none");
  const token = Deno.readTextFileSync(await issuer.tokenFile());
  const piped = await runKm(["plugins", "login", "--json"], { home: home.path, env: home.env, stdin: token });
  assert.equal(JSON.parse(piped.out).state, "valid", piped.err);
  const { mode } = Deno.statSync(`${home.path}/plugins/licence`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  for (const entry of Deno.readDirSync(`${home.path}/plugins`)) {
    if (!entry.isFile) continue;
    const text = Deno.readTextFileSync(`${home.path}/plugins/${entry.name}`);
    assert.ok(!text.includes(token.slice(0, 20)) && !text.includes("c-42"), entry.name);
  }
  Deno.chmodSync(`${home.path}/plugins/licence`, 0o644);
  const { state, reason } = await licenceOf(home);
  assert.equal(state, "none");
  assert.match(String(reason), /licence": other users can read it/);
});
