/** What `km tasks submit` does. @module */
import { resolve } from "node:path";
import type { TaskBody } from "../../api/sessions/task_schemas.ts";
import { KmError } from "../../core/error.ts";
import { painter } from "../../core/paint.ts";
import { printable } from "../../core/printable.ts";
import { redactText } from "../../core/redact.ts";
import { isTaskOver } from "../../core/task.ts";
import { jsonText } from "../json_text.ts";
import { answerOf } from "../sessions/api_answer.ts";
import { connectOrStart, type DaemonClient } from "../sessions/daemon_client.ts";
import { handedOver } from "../sessions/handed_over.ts";
import { knownProviders } from "../sessions/provider_hints.ts";
import { wantsColor, writeError, writeLines } from "../terminal.ts";
import { resultLines, tellFailure } from "./task_result.ts";

export interface SubmitFlags {
  readonly cwd: string | undefined;
  readonly model: string | undefined;
  readonly fullAccess: boolean;
  readonly key: string | undefined;
  readonly timeout: number | undefined;
  readonly wait: boolean;
  readonly json: boolean;
}

/** One question to the daemon waits so long, in s. */
const ASKED_S = 600;

/** Submits; returns the exit code. @throws {KmError} */
export async function submitTask(words: readonly string[], flags: SubmitFlags): Promise<number> {
  const at = words.indexOf("--");
  const [provider = "", ...said] = at < 0 ? words : words.slice(0, at);
  const args = at < 0 ? [] : words.slice(at + 1);
  if (provider === "") throw new KmError("usage", '"km tasks submit" needs a provider and a prompt');
  const prompt = await promptOf(said);
  const { cwd, model, fullAccess, key, timeout, wait, json } = flags;
  const daemon = await connectOrStart();
  if (fullAccess) {
    const paint = painter(wantsColor(Deno.stderr));
    writeError(paint("red", `km: full access: ${provider} asks nobody before it acts`) + "\n");
  }
  const known = knownProviders().get(provider);
  const submitting = daemon.client.api.tasks.$post({
    json: {
      provider,
      prompt,
      cwd: resolve(cwd ?? "."),
      ...(args.length > 0 && { args }),
      ...(model !== undefined && { model }),
      ...(fullAccess && { fullAccess }),
      ...(key !== undefined && { key }),
      ...(timeout !== undefined && { timeoutMs: timeout }),
      ...(known && { env: handedOver(known) }),
    },
  });
  const submitted = await answerOf<TaskBody>(submitting);
  const isKnown = (await submitting).status === 200;
  if (isKnown) noteDifference(submitted, { provider, prompt });
  const task = wait ? await untilOver(daemon, submitted) : submitted;
  if (json) writeLines([jsonText(task)]);
  else if (wait) writeLines(resultLines(task));
  else writeLines([String(task.number)]);
  return wait ? tellFailure(task) : 0;
}

/** Another task than was asked for may have the key: then what was asked for is not done. */
function noteDifference(
  { number, key, ...task }: TaskBody,
  asked: { readonly provider: string; readonly prompt: string },
): void {
  const others = [
    ...(task.provider === asked.provider ? [] : ["provider"]),
    ...(task.prompt === redactText(asked.prompt) ? [] : ["prompt"]),
  ];
  if (others.length === 0) return;
  writeError(
    `km: note: the key "${printable(key ?? "")}" is that of task ${number}, which has another ${
      others.join(" and another ")
    }; nothing new was submitted\n`,
  );
}

async function untilOver({ client }: DaemonClient, task: TaskBody): Promise<TaskBody> {
  const request = { param: { id: task.id }, query: { timeout: String(ASKED_S) } };
  for (;;) {
    try {
      const now = await answerOf<TaskBody>(client.api.tasks[":id"].wait.$get(request));
      if (isTaskOver(now.state)) return now;
    } catch (error) {
      if (!(error instanceof KmError) || error.code !== "busy") throw error;
    }
  }
}

/** @throws {KmError} usage when there is none */
async function promptOf(words: readonly string[]): Promise<string> {
  const isFromStdin = words.length === 0 || (words.length === 1 && words[0] === "-");
  if (words.length === 0 && Deno.stdin.isTerminal()) {
    throw new KmError("usage", '"km tasks submit" needs a prompt', {
      hint: 'km tasks submit claude "fix the tests", or - to read it from stdin',
    });
  }
  const text = isFromStdin ? await new Response(Deno.stdin.readable).text() : words.join(" ");
  if (text.trim() === "") throw new KmError("usage", "Cannot submit an empty prompt");
  return isFromStdin ? text.replace(/\r?\n$/, "") : text;
}
