import { deepEqual, equal, match } from "node:assert/strict";
import { NO_FILE } from "../config/config.ts";
import { ProvidersInForce } from "./providers_in_force.ts";

Deno.test("ProvidersInForce tells the log of each problem once, and again when it comes back", () => {
  let python: object = { comand: ["python3"] };
  const settings = {
    get options() {
      return { env: () => undefined, file: { ...NO_FILE, providers: { python } } };
    },
  };
  const lines: string[] = [];
  const providers = new ProvidersInForce({ settings, log: (line) => lines.push(line) });
  equal(providers.look().providers.has("python"), false);
  equal(lines.length, 1);
  match(lines[0] ?? "", /providers\.python\.comand: is unknown; did you mean "command"\?/);
  const wrong = python;
  python = { command: ["python3"] };
  deepEqual([providers.look().providers.has("python"), lines.length], [true, 1]);
  python = wrong;
  providers.look();
  equal(lines.length, 2);
});
