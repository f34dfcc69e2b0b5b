/** Why a whole request is not taken, in the words of HTTP. Plain data: it crosses threads. @module */

/** What a refusal says; `code` is for programs. */
export interface RefusalData {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** The member of the request that is wrong. */
  readonly field: string | null;
  /** When to try again. */
  readonly retryAfterS: number | null;
}

/** A refusal on its way to the one who answers. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly data: RefusalData;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly hint?: string; readonly field?: string; readonly retryAfterS?: number } = {},
  ) {
    super(message);
    const { hint = null, field = null, retryAfterS = null } = options;
    this.data = { status, code, message, hint, field, retryAfterS };
  }
}
