import { verifies } from "../../../tests/verifies.ts";
import { deepEqual, equal, match } from "node:assert/strict";
import { checkProvider } from "./check_provider.ts";
import { BUILT_IN, loadProviders, missingProvider } from "./providers.ts";

Deno.test("loadProviders() has the built-in providers, without a problem", () => {
  verifies("session-providers");
  const { providers, problems } = loadProviders(undefined);
  deepEqual([[...providers.keys()], problems], [["claude", "codex", "gemini", "cursor-agent", "shell"], []]);
});

Deno.test("loadProviders() never switches safeguards off by itself", () => {
  verifies("session-full-access");
  for (const { fullAccess, command, setEnv, structured } of loadProviders(undefined).providers.values()) {
    for (const arg of fullAccess?.args ?? []) {
      equal([...command, ...structured?.args ?? [], ...Object.values(setEnv)].includes(arg), false);
    }
  }
});

Deno.test("loadProviders() takes one of the user's that extends a built-in one, its screens first", () => {
  verifies("session-providers");
  const screen = { id: "mine", state: "idle", any: ["ready"], reason: "is ready" };
  const { providers, problems } = loadProviders({
    work: { extends: "claude", command: ["claude-work"], screens: [screen] },
  });
  const [claude, work] = [providers.get("claude"), providers.get("work")];
  deepEqual(problems, []);
  deepEqual([work?.title, work?.command, work?.resume], ["work", ["claude-work"], claude?.resume]);
  deepEqual(work?.screens.map(({ id }) => id), ["mine", ...claude?.screens.map(({ id }) => id) ?? []]);
});

Deno.test("loadProviders() lets a user replace a built-in one", () => {
  const { providers } = loadProviders({ gemini: { command: ["gemini-fork"] } });
  deepEqual([providers.get("gemini")?.command, providers.get("gemini")?.screens], [["gemini-fork"], []]);
});

Deno.test("loadProviders() keeps the built-in one when the user's of that name is wrong", () => {
  const { providers, problems } = loadProviders({ gemini: { comand: ["gemini-fork"] } });
  deepEqual(providers.get("gemini")?.title, "Gemini CLI");
  deepEqual(problems, [
    "providers.gemini.command: is missing: a list, program first",
    'providers.gemini.comand: is unknown; did you mean "command"?',
  ]);
});

for (
  const [wrong, problem] of [
    [[], "providers: must be an object, one provider for each name"],
    [{ x: 5 }, "providers.x: must be an object"],
    [{ X: { command: ["a"] } }, "providers.X: a provider's name is of a-z, 0-9, - and _, at most 32"],
    [
      { x: { extends: "claud" } },
      'providers.x.extends: no built-in provider is called "claud"; did you mean "claude"?',
    ],
    [{ x: { command: "a" } }, "providers.x.command: must be a list of strings"],
    [{ x: { command: ["a"], env: ["KM_TOKEN"] } }, 'providers.x.env: "KM_TOKEN": km keeps its own to itself'],
    [
      { x: { command: ["a"], env: ["*"] } },
      'providers.x.env: "*" is no name of a variable, and no prefix with *',
    ],
    [{ x: { command: ["a"], resume: { args: ["-r"] } } }, 'providers.x.resume.args: must have "{id}" in it'],
    [
      { x: { command: ["a"], authProbe: { args: ["s"], signedIn: {} } } },
      "providers.x.authProbe.signedIn: must have exitCode, json or matches",
    ],
    [
      { x: { command: ["a"], screens: [{ id: "i", state: "exited", any: ["a"], reason: "r" }] } },
      "providers.x.screens[0].state: must be one of running, idle, waiting_input, waiting_approval, auth_required",
    ],
    [
      { x: { command: ["a"], screens: [{ id: "i", state: "idle", reason: "r" }] } },
      "providers.x.screens[0].any: is missing, and all is, too",
    ],
    [
      { x: { command: ["a"], submit: { enterDelayMs: -1 } } },
      "providers.x.submit.enterDelayMs: must be a whole number from 0 to 10000",
    ],
  ] as const
) {
  Deno.test(`loadProviders() says ${problem}`, () => {
    deepEqual(loadProviders(wrong).problems, [problem]);
  });
}

Deno.test("checkProvider() names a pattern that is none", () => {
  const screens = [{ id: "i", state: "idle", any: ["("], reason: "r" }];
  const { problems } = checkProvider("x", { command: ["a"], screens }, "x");
  match(problems[0] ?? "", /^x\.screens\[0\]\.any: Invalid regular expression/);
});

Deno.test("every built-in dialog about trust or safeguards is one that km never confirms", () => {
  verifies("session-no-auto-confirm");
  for (const [name, provider] of loadProviders(undefined).providers) {
    for (const rule of provider.screens.filter(({ id }) => /trust|bypass|password|api-key/.test(id))) {
      equal(rule.neverAutoConfirm, true, `${name}: ${rule.id}`);
    }
  }
  equal(BUILT_IN.size, 5);
});

Deno.test("missingProvider() names what is wrong with the provider in the config file, or one that is near", () => {
  const loaded = loadProviders({ python: { comand: ["python3"] } });
  const wrong = missingProvider("start", "python", loaded);
  match(wrong.message, /^Cannot start "python": the config file is wrong about it$/);
  match(wrong.hint ?? "", /^providers\.python\./);
  equal(missingProvider("start", "cluade", loaded).hint, 'did you mean "claude"?');
  match(missingProvider("start", "py", loaded).message, /no such provider/);
  match(missingProvider("start", "py", loadProviders([])).hint ?? "", /must be an object/);
});
