/** How a test says what it proves. @module */
import type { RequirementId } from "./requirements.ts";

/**
 * Names the requirements that the calling test proves. Does nothing when run: `requirements_test.ts` reads the calls in
 * the source, so write the ids as plain strings.
 */
export function verifies(..._ids: [RequirementId, ...RequirementId[]]): void {}
