/** Failures as the API tells them: `{error:{code,message,hint}}` with the right status, never a stack. @module */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { type ErrorCode, KmError } from "../core/error.ts";

/** The body of every failure. */
export const ErrorBody = z.object({
  error: z.object({
    code: z.string().openapi({ description: "Stable; for programs", example: "not_found" }),
    message: z.string(),
    hint: z.string().nullable().openapi({ description: "What can be done about it" }),
    field: z.string().optional().openapi({ description: "The field of the request that is wrong (400)" }),
  }),
}).openapi("Error");

/** A failure of a request. Codes of their own beside those of KmError: what only HTTP knows. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  readonly field: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: {
      readonly hint?: string;
      readonly field?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = options.hint ?? null;
    this.field = options.field;
    this.headers = options.headers ?? {};
  }
}

/** HTTP status by the code of a KmError; 500 for all others. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  usage: 400,
  not_found: 404,
  ambiguous: 409,
  store_unavailable: 503,
  store_locked: 503,
  store_newer: 503,
  store_corrupt: 503,
  store_full: 507,
  busy: 429,
  session_ended: 409,
  not_granted: 403,
  command_not_found: 422,
  command_not_executable: 422,
  unsupported: 501,
};

/** The response for anything that was thrown. */
export function errorResponse(error: unknown, _context?: Context): Response {
  const { status, code, message, hint, field, headers } = describeFailure(error);
  const body = { error: { code, message, hint, ...(field !== undefined && { field }) } };
  return Response.json(body, { status, headers });
}

/** How a failure is told to who asked. */
export function describeFailure(
  error: unknown,
): Pick<ApiError, "status" | "code" | "message" | "hint" | "field" | "headers"> {
  if (error instanceof ApiError) return error;
  // Hono's own word for a body that is no JSON.
  if (error instanceof HTTPException && error.status === 400) {
    return new ApiError(400, "invalid", "Cannot read the body: it is not valid JSON");
  }
  // "internal" is no word of km's own: its message is what some other program said.
  if (error instanceof KmError && error.code !== "internal") {
    const status = STATUS[error.code] ?? 500;
    const retry: Record<string, string> = status === 503 ? { "Retry-After": "1" } : {};
    return {
      status,
      code: error.code,
      message: error.message,
      hint: error.hint ?? null,
      field: undefined,
      headers: retry,
    };
  }
  return {
    status: 500,
    code: "internal",
    message: "km could not answer this request",
    hint: 'the cause is in the daemon\'s log: "km logs"',
    field: undefined,
    headers: {},
  };
}
