/** What a task cost, for people. @module */
import type { TaskBody } from "../../api/sessions/task_schemas.ts";

const MICRO = 1_000_000;

/** `$0.0123`; undefined: it was not reported. */
export function costOf({ costMicroUsd }: TaskBody["metrics"]): string | undefined {
  return costMicroUsd === null ? undefined : `$${(costMicroUsd / MICRO).toFixed(4)}`;
}
