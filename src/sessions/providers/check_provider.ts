/** Makes a provider of data of unknown shape: the built-in files, and a user's. @module */
import { SESSION_STATES } from "../../core/session.ts";
import { Fields } from "./fields.ts";
import type {
  AuthProbe,
  FullAccess,
  Provider,
  Resume,
  ScreenRule,
  SignalRule,
  Structured,
  Submit,
} from "./provider.ts";

/** Flags of patterns on screens, and on signals. */
export const SCREEN_FLAGS = "mu", SIGNAL_FLAGS = "u";

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*\*?$/;
const DEFAULT_ROWS = 15;
const DEFAULT_SUBMIT: Submit = { paste: "bracketed", enter: "\r", enterDelayMs: 150 };
/** What the tracker decides by itself is no pattern's business. */
const SEEN_STATES = SESSION_STATES.filter((state) => !["starting", "exited", "lost"].includes(state));

/** What was made of the data, and everything that is wrong with it. With problems, the provider is not to be used. */
export interface CheckedProvider {
  readonly provider: Provider | null;
  readonly problems: readonly string[];
}

/** Reads `value` as the provider called `name`. `path` stands before each problem. */
export function checkProvider(name: string, value: unknown, path: string): CheckedProvider {
  const problems: string[] = [];
  if (!NAME.test(name)) problems.push(`${path}: a provider's name is of a-z, 0-9, - and _, at most 32`);
  const fields = Fields.of(value, path, problems);
  if (fields === null) return { provider: null, problems };
  const provider = providerOf(name, fields);
  fields.end();
  return { provider: problems.length === 0 ? provider : null, problems };
}

function providerOf(name: string, fields: Fields): Provider {
  fields.value("name");
  const command = fields.texts("command");
  if (fields.value("command") === undefined) fields.wrong("command", "is missing: a list, program first");
  const isShell = command?.length === 0;
  return {
    name,
    title: fields.text("title", name),
    command: command ?? [],
    subcommands: fields.texts("subcommands") ?? [],
    fullAccess: fullAccessOf(fields.inner("fullAccess")),
    env: variablesOf(fields),
    setEnv: fields.textMap("setEnv"),
    resume: resumeOf(fields.inner("resume")),
    authProbe: authProbeOf(fields.inner("authProbe")),
    screens: fields.list("screens").map(screenRuleOf),
    signals: fields.list("signals").map(signalRuleOf),
    hooks: fields.value("hooks") === undefined
      ? null
      : fields.choice<"claude-settings">("hooks", ["claude-settings"], null),
    structured: structuredOf(fields.inner("structured")),
    interrupt: fields.text("interrupt", "\u0003"),
    submit: submitOf(fields.inner("submit")),
    quiet: fields.choice("quiet", ["idle", "foreground", "busy", "running"], isShell ? "foreground" : "idle"),
  };
}

function variablesOf(fields: Fields): string[] {
  return (fields.texts("env") ?? []).filter((name) => {
    if (!VARIABLE.test(name)) fields.wrong("env", `"${name}" is no name of a variable, and no prefix with *`);
    else if (/^(?:\*|K\*|KM\*|KM_)/i.test(name)) fields.wrong("env", `"${name}": km keeps its own to itself`);
    else return true;
    return false;
  });
}

function fullAccessOf(fields: Fields | null): FullAccess | null {
  if (fields === null) return null;
  const access = {
    args: fields.texts("args") ?? [],
    env: fields.textMap("env"),
    flags: fields.texts("flags") ?? [],
  };
  fields.end();
  return access;
}

function resumeOf(fields: Fields | null): Resume | null {
  if (fields === null) return null;
  const args = fields.texts("args") ?? [];
  const chooseId = fields.texts("chooseId");
  if (!args.some(hasId)) fields.wrong("args", 'must have "{id}" in it');
  if (chooseId !== null && !chooseId.some(hasId)) fields.wrong("chooseId", 'must have "{id}" in it');
  const resume = { args, chooseId, last: fields.texts("last"), idFlags: fields.texts("idFlags") ?? [] };
  fields.end();
  return resume;
}

function hasId(argument: string): boolean {
  return argument.includes("{id}");
}

function authProbeOf(fields: Fields | null): AuthProbe | null {
  if (fields === null) return null;
  const signedIn = fields.inner("signedIn");
  const exitCode = signedIn?.value("exitCode") === undefined ? null : signedIn.whole("exitCode", 0, 255);
  const matches = signedIn?.pattern("matches", SCREEN_FLAGS) ?? null;
  const json = jsonOf(signedIn?.inner("json") ?? null);
  if (exitCode === null && matches === null && json === null) {
    fields.wrong("signedIn", "must have exitCode, json or matches");
  }
  const args = fields.texts("args") ?? [];
  if (args.length === 0) fields.wrong("args", "is missing");
  const probe = {
    args,
    signedIn: { exitCode, json, matches },
    timeoutMs: fields.whole("timeoutMs", 10_000, 60_000),
  };
  signedIn?.end();
  fields.end();
  return probe;
}

function jsonOf(fields: Fields | null): AuthProbe["signedIn"]["json"] {
  if (fields === null) return null;
  const path = fields.text("path", null);
  const equals = fields.value("equals");
  fields.end();
  if (typeof equals === "string" || typeof equals === "number" || typeof equals === "boolean") {
    return { path, equals };
  }
  fields.wrong("equals", "must be a string, a number, true or false");
  return null;
}

function screenRuleOf(fields: Fields): ScreenRule {
  const rule: ScreenRule = {
    id: fields.text("id", null),
    state: fields.choice("state", SEEN_STATES, null),
    versions: fields.text("versions", "") || null,
    where: fields.choice("where", ["bottom", "all"], "bottom"),
    rows: fields.whole("rows", DEFAULT_ROWS, 200),
    atCursor: fields.flag("atCursor"),
    any: fields.patterns("any", SCREEN_FLAGS),
    all: fields.patterns("all", SCREEN_FLAGS),
    none: fields.patterns("none", SCREEN_FLAGS),
    reason: fields.text("reason", null),
    neverAutoConfirm: fields.flag("neverAutoConfirm"),
    guard: fields.flag("guard"),
  };
  if (rule.any.length + rule.all.length === 0) fields.wrong("any", "is missing, and all is, too");
  if (rule.versions !== null && !/^(?:[<>]=?\d+(?:\.\d+){0,2} ?)+$/.test(rule.versions)) {
    fields.wrong("versions", `must be like ">=2.1" or ">=2.1 <3"`);
  }
  fields.end();
  return rule;
}

function signalRuleOf(fields: Fields): SignalRule {
  const rule: SignalRule = {
    on: fields.choice(
      "on",
      ["title", "agent_state", "progress", "notification", "bell", "prompt"],
      null,
    ),
    matches: fields.pattern("matches", SIGNAL_FLAGS),
    state: fields.choice("state", SEEN_STATES, null),
    reason: fields.text("reason", null),
    proof: fields.flag("proof"),
  };
  fields.end();
  return rule;
}

function structuredOf(fields: Fields | null): Structured | null {
  if (fields === null) return null;
  const structured: Structured = {
    args: fields.texts("args") ?? [],
    format: fields.choice("format", ["claude-stream-json", "codex-jsonl", "gemini-stream-json"], null),
    promptBy: fields.choice("promptBy", ["argument", "stdin"], "stdin"),
    fullAccessArgs: fields.texts("fullAccessArgs") ?? [],
    resumeArgs: fields.texts("resumeArgs"),
    modelArgs: fields.texts("modelArgs"),
  };
  if (structured.promptBy === "argument" && !structured.args.some((arg) => arg.includes("{prompt}"))) {
    fields.wrong("args", 'must have "{prompt}" in it');
  }
  fields.end();
  return structured;
}

function submitOf(fields: Fields | null): Submit {
  if (fields === null) return DEFAULT_SUBMIT;
  const submit = {
    paste: fields.choice("paste", ["bracketed", "plain"], DEFAULT_SUBMIT.paste),
    enter: fields.text("enter", DEFAULT_SUBMIT.enter),
    enterDelayMs: fields.whole("enterDelayMs", DEFAULT_SUBMIT.enterDelayMs, 10_000),
  };
  fields.end();
  return submit;
}
