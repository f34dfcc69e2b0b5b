/** Answers of the API, as results or as the same errors that km itself throws. @module */
import { type ErrorCode, EXIT_CODES, KmError } from "../../core/error.ts";

/** The parts of a response that are needed here; the typed client's responses have them. */
interface Answer {
  readonly ok: boolean;
  readonly status: number;
  text(): Promise<string>;
}

/** What only HTTP has a word for, in km's words. */
const HTTP_CODES: Readonly<Record<string, ErrorCode>> = {
  invalid: "usage",
  forbidden: "not_granted",
  unauthenticated: "not_trusted",
  timeout: "busy",
};

/** The body of a good answer. @throws {KmError} what the daemon said */
export async function answerOf<T>(request: Promise<Answer>): Promise<T> {
  const text = await textOf(request);
  return text === "" ? undefined as T : JSON.parse(text) as T; // as: the schema that the daemon answers by
}

async function textOf(request: Promise<Answer>): Promise<string> {
  let response: Answer;
  let text: string;
  try {
    response = await request;
    text = await response.text();
  } catch (error) {
    throw new KmError("unsupported", "Cannot ask km serve: it does not answer any more", {
      hint: 'see "km status" and "km logs"',
      cause: error,
    });
  }
  if (response.ok) return text;
  throw failure(text, response.status);
}

function failure(text: string, status: number): KmError {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; hint: string | null } }; // as: the form of every failure
    const code = error.code in EXIT_CODES
      ? error.code as ErrorCode // as: it is one of them
      : HTTP_CODES[error.code] ?? "unsupported";
    return new KmError(code, error.message, error.hint === null ? {} : { hint: error.hint });
  } catch {
    return new KmError("unsupported", `km serve answered with ${status}, which this km does not understand`, {
      hint: 'is it of the same version? see "km status"',
    });
  }
}
