/** How many tokens an answer puts into a model's context: an estimate, never a bill. @module */
import { isObject, type JsonObject, stringOf } from "./json_rpc.ts";

/** placeholder */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

export function estimateResultTokens(_method: string, result: JsonObject): number {
  const content = result.content;
  if (!Array.isArray(content)) return 0;
  let tokens = 0;
  for (const item of content) if (isObject(item)) tokens += estimateTokens(stringOf(item.text) ?? "");
  return tokens;
}
