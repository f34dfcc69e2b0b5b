/** Sessions as the API tells them, without secrets in what others wrote; without packages, since threads load it too. @module */
import { formatTimeUs } from "../../core/clock.ts";
import { redactText } from "../../core/redact.ts";
import type { SessionCommand, StateChange } from "../../core/session.ts";
import type { SessionView } from "../../sessions/viewer.ts";
import type { CommandBody, SessionBody, StateBody } from "./session_schemas.ts";

export function sessionBody(view: SessionView): SessionBody {
  const { stateSinceUs, createdUs, endedUs, command, size, ...rest } = view;
  return {
    ...rest,
    // It quotes what is asked on the screen.
    stateReason: redactText(rest.stateReason),
    command: [...command],
    size: { ...size },
    stateSince: formatTimeUs(stateSinceUs),
    createdAt: formatTimeUs(createdUs),
    endedAt: timeOrNull(endedUs),
  };
}

export function commandBody(command: SessionCommand): CommandBody {
  const { queuedUs, deliveredUs, endedUs, ...rest } = command;
  return {
    ...rest,
    // The store has it as it must be typed.
    text: redactText(rest.text),
    queuedAt: formatTimeUs(queuedUs),
    deliveredAt: timeOrNull(deliveredUs),
    endedAt: timeOrNull(endedUs),
  };
}

export function stateBody({ timeUs, ...rest }: StateChange): StateBody {
  return { ...rest, reason: redactText(rest.reason), time: formatTimeUs(timeUs) };
}

function timeOrNull(timeUs: number | null): string | null {
  return timeUs === null ? null : formatTimeUs(timeUs);
}
