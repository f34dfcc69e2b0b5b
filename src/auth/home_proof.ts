/**
 * How km serve shows a program of its user that it is the one of this home: by knowing the home's token, which it does not tell. What else
 * listens where a daemon once was, on this machine or in another container, gets no token.
 * @module
 */
import { createHmac } from "node:crypto";

/** Request header of `GET /health`: a new random text, as `newSecret()` makes it. */
export const CHALLENGE_HEADER = "Km-Challenge";
/** Response header: the answer to it. */
export const PROOF_HEADER = "Km-Proof";

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** What only somebody with the token can answer; null to what is no challenge. */
export function answerChallenge(token: string, challenge: string): string | null {
  if (!CHALLENGE.test(challenge)) return null;
  return createHmac("sha256", token).update(`km serve ${challenge}`).digest("hex");
}
