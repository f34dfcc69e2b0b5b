/** What `km doctor --fix` does: which repairs, in which way they are agreed to, and what came of each. @module */
import type { Check, Repair } from "./check.ts";

/** Who decides about each repair. */
export type Consent =
  /** The user, one by one. */
  | { readonly kind: "ask"; ask(check: Check, repair: Repair): boolean }
  /** Everything that is done unasked, and of the rest what `named` names. */
  | { readonly kind: "yes"; readonly named: readonly string[] };

/** What came of one repair. */
export interface Outcome {
  readonly check: string;
  readonly kind: "done" | "failed" | "left";
  /** What was done, why it could not be, or what would have been. */
  readonly text: string;
  /** What helps where it failed. */
  readonly hint: string | null;
}

/** What is well is mended for who names it, and offered to nobody else. */
export function onlyNeeded(check: Check): Check {
  return check.status === "ok" ? { ...check, repair: null } : check;
}

/** Does what is agreed to, one after the other; one that fails stops no other. `tell` hears of each as it is over. */
export async function fixAll(
  checks: readonly Check[],
  consent: Consent,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const check of checks) {
    if (check.repair === null) continue;
    const outcome = agreed(check, check.repair, consent)
      ? await attempt(check.check, check.repair)
      : { check: check.check, kind: "left", text: check.repair.does, hint: null } as const;
    outcomes.push(outcome);
    tell(outcome);
  }
  return outcomes;
}

function agreed(check: Check, repair: Repair, consent: Consent): boolean {
  if (consent.kind === "ask") return consent.ask(check, repair);
  return repair.onlyAsked !== true || consent.named.includes(check.check);
}

async function attempt(check: string, repair: Repair): Promise<Outcome> {
  try {
    return { check, kind: "done", text: await repair.run(), hint: null };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const hint = error instanceof Error && "hint" in error && typeof error.hint === "string"
      ? error.hint
      : null;
    return { check, kind: "failed", text, hint };
  }
}
