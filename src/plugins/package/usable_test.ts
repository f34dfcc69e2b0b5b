/** A package that is believed and still may not run. @module */
import assert from "node:assert/strict";
import { testManifest, testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { unusablePackages } from "../../../tests/fakes/refused_packages.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import type { Manifest } from "../manifest.ts";
import { openPackage } from "./package.ts";
import { checkUsable, type Circumstances } from "./usable.ts";

const HERE: Circumstances = {
  nowMs: Date.parse("2026-11-21T12:00:00Z"),
  kmVersion: "0.1.0",
  tier: "free",
  customerId: null,
  protocolVersions: [1, 2],
  installedSequence: 12,
  allowDowngrade: false,
};

function manifest(change: Partial<Manifest>): Manifest {
  return { ...testManifest(change), files: {} };
}

/** `message | hint`; null when it may run. */
function refusal(change: Partial<Manifest>, here: Partial<Circumstances> = {}): string | null {
  try {
    checkUsable(manifest(change), { ...HERE, ...here });
    return null;
  } catch (error) {
    assert.ok(error instanceof KmError, String(error));
    return `${error.message} | ${error.hint}`;
  }
}

Deno.test("checkUsable() refuses what may not run here and now, each with a message of its own", async () => {
  verifies(
    "refuse-expired",
    "refuse-downgraded",
    "refuse-other-customer",
    "refuse-higher-tier",
    "refuse-newer-protocol",
  );
  assert.equal(refusal({}), null);
  for (const { name, bytes, said, code } of await unusablePackages(await testPublisher())) {
    assert.throws(() => checkUsable(openPackage(bytes).manifest, HERE), (error) => {
      assert.ok(error instanceof KmError, name);
      assert.match(error.message, said, name);
      assert.equal(error.code, code, name);
      return true;
    });
  }
});

Deno.test("checkUsable() lets a package run to the second before it expires, and from the one at which it begins", () => {
  verifies("refuse-expired");
  const at = (time: string) => ({ nowMs: Date.parse(time) });
  const bounded = { notBefore: "2026-01-01T00:00:00Z", expires: "2027-01-01T00:00:00Z" };
  assert.match(
    refusal(bounded, at("2025-12-31T23:59:59Z")) ?? "",
    /not valid before .* the clock here says 2025-12-31/,
  );
  assert.equal(refusal(bounded, at("2026-01-01T00:00:00Z")), null);
  assert.equal(refusal(bounded, at("2026-12-31T23:59:59Z")), null);
  assert.match(
    refusal(bounded, at("2027-01-01T00:00:00Z")) ?? "",
    /it expired on .* set the clock if it is wrong/,
  );
});

Deno.test("checkUsable() goes by the release sequence, and says what --allow-downgrade risks", () => {
  verifies("refuse-downgraded");
  const older = { releaseSequence: 11, version: "9.0.0" };
  assert.match(refusal(older) ?? "", /holes that a newer one closed.*--allow-downgrade takes that risk/);
  assert.equal(refusal(older, { allowDowngrade: true }), null);
  assert.equal(refusal(older, { installedSequence: null }), null);
  assert.equal(refusal({ version: "0.0.1" }), null, "the same sequence again");
});

Deno.test("checkUsable() opens a customer's package for that customer, and tiers from below", () => {
  verifies("refuse-other-customer", "refuse-higher-tier");
  assert.equal(refusal({ customerId: "acme" }, { customerId: "acme" }), null);
  assert.match(refusal({ customerId: "acme" }) ?? "", /for another customer \| .*km plugins login/);
  const other = refusal({ customerId: "acme" }, { customerId: "globex" });
  assert.match(other ?? "", /your licence names "globex"/);
  assert.doesNotMatch(other ?? "", /acme/, "customers need not know of each other");
  assert.equal(refusal({ requiredTier: "pro" }, { tier: "enterprise" }), null);
  assert.match(refusal({ requiredTier: "enterprise" }, { tier: "pro" }) ?? "", /your licence is "pro"/);
});

Deno.test("checkUsable() wants one protocol in common, and a km that is new enough", () => {
  verifies("refuse-newer-protocol");
  assert.equal(refusal({ protocol: [2, 3] }), null);
  assert.match(
    refusal({ protocol: [3] }) ?? "",
    /speaks protocol 3, and km 0\.1\.0 speaks 1 and 2 \| .*km update/,
  );
  assert.match(
    refusal({ protocol: [1] }, { protocolVersions: [2, 3] }) ?? "",
    /speaks protocol 1, .* \| it is made for an older km/,
  );
  assert.match(refusal({ minKm: "0.1.1" }) ?? "", /needs km 0\.1\.1 or newer/);
  assert.equal(refusal({ minKm: "0.1.0" }), null);
});
