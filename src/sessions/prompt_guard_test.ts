import assert from "node:assert/strict";
import { PromptGuard } from "./prompt_guard.ts";
import { loadProviders } from "./providers/providers.ts";

const { providers } = loadProviders(undefined);
const PLAIN = { isLineByLine: true, hasEcho: true }, SECRET = { isLineByLine: true, hasEcho: false };
const KEYS = { isLineByLine: false, hasEcho: false };

function guard(name: string): PromptGuard {
  const provider = providers.get(name);
  assert.ok(provider);
  return new PromptGuard(provider);
}

Deno.test.each([
  ["shell", PLAIN, true, true],
  ["shell", KEYS, true, true],
  ["shell", SECRET, true, false],
  ["shell", PLAIN, false, false],
  ["shell", KEYS, false, false],
  ["shell", null, false, true],
  ["claude", KEYS, true, true],
  ["claude", KEYS, false, true],
  ["claude", SECRET, true, false],
])(
  "PromptGuard.mayType() of %s in mode %j, in the foreground: %s, is %s",
  (name, lineMode, isForeground, may) => {
    assert.equal(guard(name).mayType({ lineMode, isForeground }), may);
  },
);

Deno.test("PromptGuard takes lines for an answer once the shell was seen with a line editor of its own", () => {
  const shell = guard("shell"), claude = guard("claude");
  shell.sawPrompt({ lineMode: PLAIN, isForeground: true });
  shell.sawPrompt({ lineMode: KEYS, isForeground: false });
  assert.equal(shell.mayType({ lineMode: PLAIN, isForeground: true }), true);
  for (const one of [shell, claude]) one.sawPrompt({ lineMode: KEYS, isForeground: true });
  assert.equal(shell.mayType({ lineMode: PLAIN, isForeground: true }), false);
  assert.equal(shell.mayType({ lineMode: KEYS, isForeground: true }), true);
  assert.equal(claude.mayType({ lineMode: PLAIN, isForeground: true }), true);
});
