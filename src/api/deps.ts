/** What the routes need of the rest of the program; `daemon` hands it in, tests hand in less. @module */
import type { Authenticator } from "../auth/authenticator.ts";
import type { QueryArgs, QueryName } from "./queries.ts";

/** Answers questions about what is recorded. */
export interface Reader {
  /** JSON text, UTF-8. @throws {KmError} as `answerQuery` */
  query<Name extends QueryName>(name: Name, args: QueryArgs<Name>): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ApiDeps {
  readonly version: string;
  readonly reader: Reader;
  readonly authenticator: Authenticator;
}
