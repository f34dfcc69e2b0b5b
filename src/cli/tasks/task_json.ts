/** Fields of a task in `--json`, as the API tells them. @module */

export const TASK_JSON = {
  id: "id, a UUID",
  number: "short name, counted up in each home",
  key: "what the sender chose so that it is made once, or null",
  provider: "who works on it",
  prompt: "the prompt, without secrets; its beginning in lists",
  cwd: "folder that it works in",
  model: "model that was asked for, or null",
  args: "further arguments of the provider, without secrets",
  fullAccess: "true: its own safeguards are switched off",
  timeoutMs: "how long it may take in ms, or null",
  keepsSession: "true: its session stays when it is over",
  state: "queued, running, done, failed or cancelled",
  reason: "why it is in that state",
  createdAt: "ISO 8601 in UTC with µs, as are all times",
  startedAt: "when it was started last, or null",
  endedAt: "when it was over, or null",
  attempts: "how often it was started",
  createdBy: "who sent it",
  sessionId: "the session that it runs in, or null: it needs none",
  conversationId: "the provider's own id of the conversation, or null",
  result: "what the agent said at the end, or null; its beginning in lists",
  exitCode: "of the agent, or null",
  metrics:
    "{inputTokens, outputTokens, turns, costMicroUsd, durationMs}, each null where it was not reported",
} as const;
