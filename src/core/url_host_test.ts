import { deepEqual } from "node:assert/strict";
import { urlHost } from "./url_host.ts";

Deno.test("urlHost() gives an address that can be connected to", () => {
  deepEqual(["127.0.0.1", "::1", "0.0.0.0", "::"].map(urlHost), [
    "127.0.0.1",
    "[::1]",
    "127.0.0.1",
    "[::1]",
  ]);
});
