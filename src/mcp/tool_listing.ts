/** The tools that a `tools/list` answer defines, and what each definition weighs. @module */
import { createHash } from "node:crypto";
import type { ToolListing } from "../core/event.ts";
import { elementSpans, findValue } from "./json_span.ts";
import { isObject, stringOf } from "./json_rpc.ts";
import { estimateTokens } from "./token_estimate.ts";

const decoder = new TextDecoder();

/** Reads the definitions out of the message's own bytes, so that size and hash are of the text as it came. */
export function readToolListings(message: Uint8Array, timeUs: number): ToolListing[] {
  const tools = findValue(message, ["result", "tools"]);
  if (tools < 0) return [];
  return elementSpans(message, tools).flatMap(({ start, end }) => {
    const definition = message.subarray(start, end);
    const text = decoder.decode(definition);
    const tool: unknown = JSON.parse(text);
    const name = isObject(tool) ? stringOf(tool.name) : null;
    if (name === null) return [];
    return [{
      name,
      timeUs,
      definitionBytes: definition.length,
      definitionTokens: estimateTokens(text),
      sha256: createHash("sha256").update(definition).digest("hex"),
    }];
  });
}
