/** What an agent says of its work in a structured mode, event by event; each format has a parser of its own beside this file. @module */
import type { TaskEvent, TaskMetrics } from "../../core/task.ts";
import type { Structured } from "../providers/provider.ts";
import { claudeParser } from "./claude_stream.ts";
import { codexParser } from "./codex_stream.ts";
import { geminiParser } from "./gemini_stream.ts";
import type { Json } from "./json_value.ts";

/** Something that an agent said, for the history of its task. */
export type Said = Pick<TaskEvent, "kind" | "text">;

/** What is known of a task from what its agent said so far. */
export interface AgentReport {
  readonly conversationId: string | null;
  /** What it said at the end. */
  readonly result: string | null;
  readonly metrics: TaskMetrics;
  /** It said that it has come to an end, and whether well; null: it did not. */
  readonly end: { readonly isGood: boolean; readonly text: string } | null;
  /** The error that was told last, also one after which it goes on. */
  readonly error: string | null;
  /** It cannot work because nobody is signed in. */
  readonly isSignedOut: boolean;
  /** What it works on, or waits for, in words; null: it did not say. */
  readonly doing: string | null;
}

export interface AgentParser {
  /** Takes the next event, of whatever type; returns what of it belongs into the history. */
  read(event: Json): readonly Said[];
  /** What is said once the stream has ended. */
  end(): readonly Said[];
  readonly report: AgentReport;
}

/** A parser for one run. */
export function parserOf(format: Structured["format"]): AgentParser {
  switch (format) {
    case "claude-stream-json":
      return claudeParser();
    case "codex-jsonl":
      return codexParser();
    case "gemini-stream-json":
      return geminiParser();
  }
}

/** Words by which agents say that nobody is signed in, or that a key is not good. */
const SIGNED_OUT =
  /not (?:logged|signed) in|please (?:run )?\/login|invalid (?:api key|authentication)|authentication_(?:failed|error)|\b401\b|unauthorized|set an auth method|missing bearer|sign in again|log in again/i;

export function saysSignedOut(text: string): boolean {
  return SIGNED_OUT.test(text.slice(0, 4096));
}
