import { equal } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { NO_FILE, parseConfig } from "../config/config.ts";
import { channelOf } from "./channel.ts";

Deno.test("channelOf() is the setting's; not set, a pre-release asks for beta", () => {
  verifies("update-flags");
  const asked = (version: string, variable?: string, file = NO_FILE) =>
    channelOf(version, { env: (name) => name === "KM_UPDATE_CHANNEL" ? variable : undefined, file });
  equal(asked("0.1.0"), "stable");
  equal(asked("0.2.0-beta.1"), "beta");
  equal(asked("0.2.0-beta.1", "stable"), "stable");
  equal(asked("0.1.0", "beta"), "beta");
  equal(asked("0.2.0-beta.1", undefined, parseConfig('{"update": {"channel": "stable"}}')), "stable");
});
