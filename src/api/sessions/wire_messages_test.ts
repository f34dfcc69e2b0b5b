import { equal, ok } from "node:assert/strict";
import { closeReason } from "./wire_messages.ts";

Deno.test("closeReason() fits a close frame, whole characters alone", () => {
  equal(closeReason("no such session"), "no such session");
  for (
    const text of [
      "é".repeat(100),
      `x${"€".repeat(100)}`,
      "🙂".repeat(50),
      `xyz${"🙂".repeat(50)}`,
      "a\ud800b",
    ]
  ) {
    const reason = closeReason(text);
    const bytes = new TextEncoder().encode(reason).length;
    ok(bytes <= 123 && !reason.includes("\ufffd") === !text.includes("\ud800"), text);
  }
});
