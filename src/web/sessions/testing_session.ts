/** A session as the API tells it, for tests. @module */
import type { SessionBody } from "./session_states.ts";

export function testingSession(more: Partial<SessionBody> = {}): SessionBody {
  return {
    id: `id-${more.number ?? 1}`,
    number: 1,
    name: "claude-1",
    provider: "claude",
    command: ["claude"],
    cwd: "/home/user/project",
    fullAccess: false,
    state: "running",
    stateReason: "works",
    stateSource: "screen",
    stateSince: "2026-11-22T11:00:00Z",
    createdAt: "2026-11-22T10:00:00Z",
    endedAt: null,
    exitCode: null,
    exitSignal: null,
    size: { cols: 120, rows: 40 },
    title: "",
    pid: 1,
    resumeId: null,
    resumedFrom: null,
    isResumable: false,
    createdBy: "token",
    seq: 0,
    seen: false,
    viewers: 0,
    sizeOwner: null,
    queuedCommands: 0,
    ...more,
  };
}
