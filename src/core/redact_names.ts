/** Which names of fields, variables, parameters and flags hold secrets. @module */

/** A name that ends with one of these, letters and digits only, holds a secret. */
const SECRET_ENDINGS: readonly string[] = [
  "password",
  "passwords",
  "passwd",
  "pwd",
  "passphrase",
  "passcode",
  "secret",
  "secrets",
  "token",
  "apikey",
  "accesskey",
  "accountkey",
  "authkey",
  "encryptionkey",
  "masterkey",
  "privatekey",
  "secretkey",
  "sharedkey",
  "signingkey",
  "sshkey",
  "credential",
  "credentials",
  "authorization",
  "cookie",
];

/** Secret only when they are the whole name. */
const SECRET_NAMES: readonly string[] = ["auth", "bearer", "cookies", "pat"];

/** Names that end like a secret and are none: cursors, counters and marks of the protocol, of other APIs, of language models. */
const HARMLESS_ENDINGS: readonly string[] = [
  "progresstoken",
  "pagetoken",
  "nexttoken",
  "continuationtoken",
  "paginationtoken",
  "resumetoken",
  "resumptiontoken",
  "synctoken",
  "starttoken",
  "stoptoken",
  "endtoken",
  "bostoken",
  "eostoken",
  "padtoken",
  "unktoken",
  "septoken",
  "clstoken",
  "masktoken",
  "maxtoken",
  "pertoken",
  "firsttoken",
  "lasttoken",
  "canceltoken",
  "cancellationtoken",
  "hastoken",
  "istoken",
  "notoken",
  "oldpwd",
  "haspassword",
  "ispassword",
];

/** Where such a name begins to be interesting: each secret name contains one of these. Three letters, as the scanner needs. */
export const NAME_TRIGGERS: readonly string[] = [
  "pas",
  "sec",
  "tok",
  "key",
  "cre",
  "aut",
  "coo",
  "pat",
  "pwd",
  "bea",
];

/** True when what goes by this name is a secret: `password`, `GITHUB_TOKEN`, `x-api-key`; not `max_tokens`, `progressToken`. */
export function isSecretName(name: string): boolean {
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (SECRET_NAMES.includes(letters)) return true;
  return SECRET_ENDINGS.some((ending) => letters.endsWith(ending)) &&
    !HARMLESS_ENDINGS.some((ending) => letters.endsWith(ending));
}
