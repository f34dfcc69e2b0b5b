import { equal } from "node:assert/strict";
import { keepsLess } from "./retention.ts";

Deno.test("keepsLess() tells a change that deletes from one that does not", () => {
  const cases: readonly (readonly [string, string, string, boolean])[] = [
    ["retention.days", "7", "3", true],
    ["retention.days", "0", "365", true],
    ["retention.days", "7", "30", false],
    ["retention.days", "7", "0", false],
    ["retention.days", "7", "soon", false],
    ["retention.maxBytes", "2GB", "500MB", true],
    ["retention.maxBytes", "none", "2GB", true],
    ["retention.maxBytes", "2GB", "none", false],
    ["retention.maxBytes", "2GB", "much", false],
    ["bufferSize", "2MB", "1MB", false],
  ];
  for (const [key, before, after, less] of cases) {
    equal(keepsLess(key, before, after), less, `${key}: ${before} to ${after}`);
  }
});
