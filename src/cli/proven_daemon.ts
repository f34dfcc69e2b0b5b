/** Before a server gets the token it must show that it has it already: only then it is the daemon of this home. @module */
import { answerChallenge, CHALLENGE_HEADER, PROOF_HEADER } from "../auth/home_proof.ts";
import { equalSecrets, newSecret } from "../auth/secret_token.ts";

/** True when the server at `url` knows `token`. @throws when nobody answers within `patienceMs` */
export async function knowsToken(
  url: string,
  { token, patienceMs }: { readonly token: string; readonly patienceMs: number },
): Promise<boolean> {
  const challenge = newSecret();
  const response = await fetch(`${url}/health`, {
    headers: { [CHALLENGE_HEADER]: challenge },
    redirect: "error",
    signal: AbortSignal.timeout(patienceMs),
  });
  await response.body?.cancel();
  const expected = answerChallenge(token, challenge);
  const proof = response.headers.get(PROOF_HEADER);
  return proof !== null && expected !== null && equalSecrets(proof, expected);
}
