import { equal, ok } from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import { ApiKeys } from "./api_keys.ts";
import { type Arrival, Authenticator } from "./authenticator.ts";
import type { Identity, Scope } from "./identity.ts";
import { loadToken, replaceToken, watchToken } from "./secret_token.ts";

const HERE: Arrival = { address: "127.0.0.1", port: 4242, secure: false };
const MINUTE_US = 60 * 1_000_000;

const request = (headers: Record<string, string>) =>
  new Request("http://127.0.0.1:4242/api/stream/ws", { headers });

/** An authenticator over the files of a home, as the daemon has it, whose clock a test moves. */
class Home implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly tokenPath = `${this.#folder.path}/token`;
  readonly keysPath = `${this.#folder.path}/keys.json`;
  readonly token = loadToken(this.tokenPath);
  nowUs = Date.UTC(2026, 10, 21) * 1000;
  readonly keys = new ApiKeys(this.keysPath, { nowUs: () => this.nowUs });
  readonly auth = new Authenticator({
    token: watchToken(this.tokenPath),
    keys: this.keys,
    clock: { nowUs: () => this.nowUs },
  });

  async bearer(token = this.token): Promise<Identity> {
    return await this.#known({ Authorization: `Bearer ${token}` });
  }

  async cookie(): Promise<{ readonly identity: Identity; readonly headers: { readonly Cookie: string } }> {
    const setCookie = this.auth.redeemCode(this.auth.issueCode().code, HERE) ?? "";
    const headers = { Cookie: setCookie.split(";")[0] ?? "" };
    return { identity: await this.#known(headers), headers };
  }

  async jwt(issuer: Identity): Promise<Identity> {
    const { token } = await this.auth.issueStreamToken(issuer);
    return await this.#known({ Upgrade: "websocket", "Sec-WebSocket-Protocol": `km.jwt.${token}` });
  }

  async may(identity: Identity, scope: Scope = "read"): Promise<boolean> {
    return await this.auth.stillMay(identity, scope);
  }

  async #known(headers: Record<string, string>): Promise<Identity> {
    const identity = await this.auth.identify(request(headers), HERE);
    ok(identity);
    return identity;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keys[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

Deno.test("stillMay() is false for a key that was revoked, also by another process, and made anew", async () => {
  verifies("auth-keys");
  await using home = new Home();
  const identity = await home.bearer(await home.keys.add("ci", ["read"]));
  equal(await home.may(identity), true);
  equal(await home.may(identity, "ingest"), false);
  await using elsewhere = new ApiKeys(home.keysPath);
  await elsewhere.revoke("ci");
  equal(await home.may(identity), false);
  await elsewhere.add("ci", ["read"]);
  equal(await home.may(identity), false, "another key of the same name");
});

Deno.test("stillMay() is false for a key that lost the scope", async () => {
  verifies("auth-keys");
  await using home = new Home();
  const identity = await home.bearer(await home.keys.add("ci", ["read", "ingest"]));
  const text = Deno.readTextFileSync(home.keysPath).replace(/"read",\s*/, "").replace(/,\s*"read"/, "");
  Deno.writeTextFileSync(home.keysPath, text);
  equal(await home.may(identity, "ingest"), true);
  equal(await home.may(identity), false);
});

Deno.test("stillMay() is false for a cookie that was signed out, or is 30 days old", async () => {
  verifies("auth-cookie");
  await using home = new Home();
  const [mine, other] = [await home.cookie(), await home.cookie()];
  equal(await home.may(mine.identity), true);
  ok(home.auth.signOut(request(mine.headers), HERE).includes("Max-Age=0"));
  equal(await home.may(mine.identity), false);
  equal(await home.auth.identify(request(mine.headers), HERE), null, "it cannot come back either");
  equal(await home.may(other.identity), true);
  home.nowUs += 30 * 24 * 60 * MINUTE_US;
  equal(await home.may(other.identity), false);
});

Deno.test("stillMay() is false for a JWT after 15 minutes", async () => {
  verifies("auth-jwt");
  await using home = new Home();
  const identity = await home.jwt(await home.bearer());
  home.nowUs += 15 * MINUTE_US - 1_000_000;
  equal(await home.may(identity), true);
  home.nowUs += 1_000_000;
  equal(await home.may(identity), false);
});

Deno.test("stillMay() is false for a JWT when whoever asked for it is nobody any more", async () => {
  verifies("auth-jwt");
  await using home = new Home();
  const { identity: browser, headers } = await home.cookie();
  const byCookie = await home.jwt(browser);
  const byKey = await home.jwt(await home.bearer(await home.keys.add("ci", ["read"])));
  equal(await home.may(byCookie), true);
  home.auth.signOut(request(headers), HERE);
  equal(await home.may(byCookie), false);
  equal(await home.may(byKey), true);
  await home.keys.revoke("ci");
  equal(await home.may(byKey), false);
});

Deno.test("stillMay() is false for all but keys when the token was replaced or removed", async () => {
  verifies("auth-token");
  await using home = new Home();
  const { identity: browser, headers } = await home.cookie();
  const key = await home.bearer(await home.keys.add("ci", ["read"]));
  const gone = [await home.bearer(), browser, await home.jwt(browser)];
  for (const identity of gone) equal(await home.may(identity), true);
  replaceToken(home.tokenPath);
  for (const identity of gone) equal(await home.may(identity), false, identity.via);
  equal(await home.auth.identify(request(headers), HERE), null);
  equal(await home.may(key), true);
  const owner = await home.bearer(loadToken(home.tokenPath));
  equal(await home.may(owner), true, "the new token");
  Deno.removeSync(home.tokenPath);
  equal(await home.may(owner), false);
});

Deno.test("stillMay() is false for who proved nothing here", async () => {
  await using home = new Home();
  equal(await home.may({ name: "token", via: "token", scopes: ["admin"] }), false);
});
