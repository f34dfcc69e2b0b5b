/** What stands where nothing is yet: says why, and what to do next. @module */
import type { ComponentChildren, JSX } from "preact";
import { CopyLine } from "./copy_line.tsx";

/** What puts the first server on record. */
export const MONITOR_COMMAND = "km monitor -- npx -y @modelcontextprotocol/server-everything";

export interface EmptyProps {
  readonly title: string;
  /** The exact command that changes it. */
  readonly command?: string;
  readonly children?: ComponentChildren;
}

export function Empty({ title, command, children }: EmptyProps): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="empty-text">{children}</div>}
      {command !== undefined && <CopyLine text={command} label="Copy the command" />}
    </div>
  );
}
