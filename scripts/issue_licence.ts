/**
 * For issuers of licences:
 *
 *     deno run -A scripts/issue_licence.ts keygen --issuer acme --key acme.jwk [--alg PS256]     writes the secret key, prints its JWKS
 *     deno run -A scripts/issue_licence.ts sign --key acme.jwk --customer c-42 --tier pro [--days 365] [--plugin tool-guard]...
 *
 * The JWKS goes into the file that the setting `plugins.licenceKeys` names (or into `src/auth/licence_keys.json`); the token that `sign` prints
 * goes to the customer, for `km plugins login`.
 * @module
 */
import { parseArgs } from "node:util";
import { issueLicence, makeIssuerKey } from "../src/auth/issue_licence.ts";
import { LICENCE_ALGORITHMS } from "../src/auth/licence_keys.ts";
import { TIERS } from "../src/core/plugin.ts";

const DAY_S = 86_400;

if (import.meta.main) await main(Deno.args);

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      key: { type: "string" },
      issuer: { type: "string" },
      alg: { type: "string", default: "EdDSA" },
      customer: { type: "string" },
      tier: { type: "string" },
      days: { type: "string", default: "365" },
      plugin: { type: "string", multiple: true },
    },
  });
  const { key = fail("--key FILE is needed") } = values;
  switch (positionals.join(" ")) {
    case "keygen": {
      const { issuer = fail("--issuer NAME is needed") } = values;
      const alg = LICENCE_ALGORITHMS.find((one) => one === values.alg) ?? fail("--alg is EdDSA or PS256");
      const { privateJwk, publicJwk } = await makeIssuerKey(issuer, alg);
      await Deno.writeTextFile(key, JSON.stringify(privateJwk) + "\n", { createNew: true, mode: 0o600 });
      console.log(JSON.stringify({ keys: [publicJwk] }, null, 2));
      return;
    }
    case "sign": {
      const { customer = fail("--customer ID is needed"), plugin } = values;
      const tier = TIERS.find((one) => one === values.tier) ?? fail(`--tier is one of ${TIERS.join(", ")}`);
      const days = Number(values.days);
      if (!(days > 0)) fail("--days is a number of days");
      const nowS = Math.floor(Date.now() / 1000);
      const token = await issueLicence(JSON.parse(await Deno.readTextFile(key)), {
        customerId: customer,
        tier,
        issuedAtS: nowS,
        expiresAtS: nowS + Math.round(days * DAY_S),
        ...(plugin !== undefined && { plugins: plugin }),
      });
      console.log(token);
      return;
    }
    default:
      fail("say keygen or sign");
  }
}

function fail(message: string): never {
  console.error(`issue_licence: ${message}`);
  Deno.exit(2);
}
