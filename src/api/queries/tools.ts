/** The tools that servers listed or that were called. @module */
import type { Database } from "../../store/database.ts";
import { listTools, type ToolsInfoQuery } from "../../store/tool_figures.ts";

export function getTools(db: Database, query: ToolsInfoQuery): string {
  return JSON.stringify({ tools: listTools(db, query) });
}
