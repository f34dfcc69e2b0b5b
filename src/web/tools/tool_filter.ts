/** Which tools a reader wants to see: pure. @module */
import type { Tool } from "../shell/contract.ts";

export interface ToolFilter {
  readonly server: string | null;
  /** Each must be part of the tool's or the server's name. */
  readonly words: string;
  readonly unused: boolean;
}

export function chooseTools(tools: readonly Tool[], { server, words, unused }: ToolFilter): Tool[] {
  const parts = words.toLowerCase().split(/\s+/).filter((part) => part !== "");
  return tools.filter((row) => {
    if (server !== null && row.server !== server) return false;
    if (unused && !row.unused) return false;
    const text = `${row.server} ${row.tool}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  });
}
