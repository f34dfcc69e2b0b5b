/** What a start of the daemon says about the sessions of the last one. @module */
import { plural } from "../core/quantity.ts";
import type { RecoveryReport } from "../store/session_recovery.ts";

/** A line for each thing that somebody should know; none after a clean end. */
export function recoveryLines(report: RecoveryReport): string[] {
  const { lost, queuedCommands, failedCommands, queuedTasks, failedTasks, repairs } = report;
  const numbers = lost.map(({ number }) => number).join(", ");
  const said: (readonly [count: number, line: string])[] = [
    [
      lost.length,
      `${
        plural(lost.length, "session")
      } lost since km serve ended before: ${numbers}; see "km sessions list"`,
    ],
    [
      failedCommands,
      `${plural(failedCommands, "command")} had been typed in, and nobody knows what became of ${
        failedCommands === 1 ? "it" : "them"
      }`,
    ],
    [
      queuedCommands,
      `${plural(queuedCommands, "command")} still queued: "km sessions resume" takes ${
        queuedCommands === 1 ? "it" : "them"
      } along where a program can go on, "km sessions cancel" back`,
    ],
    [failedTasks, `${plural(failedTasks, "task")} failed since km serve ended before`],
    [queuedTasks, `${plural(queuedTasks, "task")} queued again`],
  ];
  return [
    ...said.filter(([count]) => count > 0).map(([, line]) => line),
    ...repairs.map((line) => `repaired: ${line}`),
  ];
}
