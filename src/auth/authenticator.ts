/** Says who calls, by what they send. @module */
import type { Identity } from "./identity.ts";
import { equalSecrets } from "./secret_token.ts";

export class Authenticator {
  readonly #token: string;

  constructor(options: { readonly token: string }) {
    this.#token = options.token;
  }

  /** Null: nobody we know. */
  identify(request: Request): Identity | null {
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
    if (bearer === undefined || !equalSecrets(bearer, this.#token)) return null;
    return { name: "token", via: "token", scopes: ["admin"] };
  }
}
