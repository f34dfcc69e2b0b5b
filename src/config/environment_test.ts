import { deepStrictEqual } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { secretsOf } from "./environment.ts";

Deno.test("secretsOf() lists the values of variables named like secrets, and no paths, URLs, switches, numbers", () => {
  verifies("redact-own-secrets");
  deepStrictEqual(
    secretsOf({
      GITHUB_TOKEN: "plain-value-1",
      OPENAI_API_KEY: "plain-value-2",
      DB_PASSWORD: "plain/value+3=",
      APP_SECRET: "plain-value-4",
      STRIPE_KEY: "plain-value-5",
      SAME_KEY: "plain-value-5",
      SHORT_TOKEN: "short",
      TOKEN_FILE: "not-a-secret",
      SSH_KEY: "/home/me/.ssh/id_ed25519",
      HOME_KEY: "~/key-of-mine",
      RELATIVE_KEY: "./keys/mine.pem",
      WINDOWS_KEY: "C:\\keys\\mine",
      AUTH_TOKEN: "https://auth.example.org",
      USE_PASSWORD: "disabled",
      MAX_TOKENS: "123456789",
      NUMBER_TOKEN: "123456789",
      PWD: "/home/someone",
      PATH: "/usr/bin:/bin",
      LANG: "en_US.UTF-8",
    }),
    ["plain-value-1", "plain-value-2", "plain/value+3=", "plain-value-4", "plain-value-5"],
  );
});
