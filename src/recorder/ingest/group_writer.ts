/**
 * Answers groups of requests: reads each, stores what they hold in one transaction, and waits a while for a store that is locked.
 * Nothing is answered as taken before it is committed.
 * @module
 */
import { KmError } from "../../core/error.ts";
import type { Ingester, IngestResult } from "./ingester.ts";
import type { IngestBody, ReadRequest } from "./read_body.ts";
import { Refusal, type RefusalData } from "./refusal.ts";

/** What became of a request: taken, or refused whole. */
export type IngestAnswer =
  | { readonly kind: "taken"; readonly result: IngestResult }
  | { readonly kind: "refused"; readonly refusal: RefusalData };

/** A body, and until when its sender may be kept waiting. */
export interface WaitingBody extends IngestBody {
  readonly deadlineMs: number;
}

/** Answers every body. Takes as long as the one that waited longest may still wait, when the store is locked. */
export function writeGroup(
  ingester: Ingester,
  bodies: readonly WaitingBody[],
  nowMs: () => number,
): IngestAnswer[] {
  const deadlineMs = Math.min(...bodies.map((body) => body.deadlineMs));
  const read = bodies.map((body) => readOrRefuse(ingester, body));
  const requests = read.filter((each) => "events" in each);
  const answers = storeAll(ingester, requests, () => nowMs() < deadlineMs).values();
  return read.map((each) => "events" in each ? answers.next().value as IngestAnswer : each); // as: one for each request
}

function readOrRefuse(ingester: Ingester, body: IngestBody): ReadRequest | IngestAnswer {
  try {
    return ingester.read(body);
  } catch (error) {
    return { kind: "refused", refusal: refusalOf(error) };
  }
}

function storeAll(
  ingester: Ingester,
  requests: readonly ReadRequest[],
  mayWait: () => boolean,
): IngestAnswer[] {
  for (;;) {
    try {
      return ingester.store(requests).map((result) => ({ kind: "taken", result }));
    } catch (error) {
      if (error instanceof KmError) {
        // Each attempt waits by itself, as long as SQLite's own busy timeout.
        if (error.code === "store_locked" && mayWait()) continue;
      } else if (requests.length > 1) {
        // A mistake of ours that one request brings to light must not cost the others.
        return requests.flatMap((request) => storeAll(ingester, [request], mayWait));
      }
      return requests.map(() => ({ kind: "refused", refusal: refusalOf(error) }));
    }
  }
}

/** 503 and 507 may be sent again as they are: nothing of them was stored. */
function refusalOf(error: unknown): RefusalData {
  if (error instanceof Refusal) return error.data;
  if (!(error instanceof KmError)) {
    return new Refusal(500, "internal", "km could not take this request", {
      hint: 'the cause is in the daemon\'s log: "km logs"',
    }).data;
  }
  const { code, message, hint } = error;
  const status = code === "store_full" ? 507 : 503;
  return { status, code, message, hint: hint ?? null, field: null, retryAfterS: status === 503 ? 1 : 30 };
}
