import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { completeManifest } from "./project.ts";

const LEAST = `{ "name": "a", "version": "1.4.2" /* enough */, }`;

Deno.test("completeManifest() fills in what an author leaves out", () => {
  const manifest = completeManifest(LEAST, "m");
  strictEqual(manifest.releaseSequence, 1_004_002);
  deepStrictEqual(manifest.permissions, {
    net: [],
    read: [],
    write: [],
    env: [],
    data: {
      servers: ["*"],
      methods: ["*"],
      directions: ["client_to_server", "server_to_client"],
      payload: "redacted",
    },
  });
  deepStrictEqual([manifest.requiredTier, manifest.customerId, manifest.expires], ["free", null, null]);
});

Deno.test("completeManifest() leaves what is wrong for the package to refuse", () => {
  const manifest = completeManifest(
    `{ "name": "a", "version": "1.0.0", "permissions": 5, "limits": [], "new": 1 }`,
    "m",
  );
  deepStrictEqual([manifest.permissions, manifest.limits], [5, []]);
  strictEqual("new" in manifest, true);
});

Deno.test("completeManifest() says what it cannot do without", () => {
  throws(() => completeManifest("{", "m"), /Cannot read "m"/);
  throws(() => completeManifest("[]", "m"), /no JSON object/);
  throws(() => completeManifest(`{ "name": "a" }`, "m"), /needs "name" and "version"/);
  throws(() => completeManifest(`{ "name": "a", "version": "1.0.0-rc.1" }`, "m"), /place among the releases/);
});
