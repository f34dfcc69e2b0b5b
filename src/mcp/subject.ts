/** What a request is about: the tool, prompt or resource it names. @module */
import { type JsonObject, stringOf } from "./json_rpc.ts";

/** Which member of `params` names the subject of a method. */
const SUBJECT_MEMBER: { readonly [method: string]: "name" | "uri" } = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "resources/subscribe": "uri",
  "resources/unsubscribe": "uri",
  "notifications/resources/updated": "uri",
};

/** The tool, prompt or resource URI that a message with this method names; null when it names none. */
export function subjectOf(method: string, params: JsonObject): string | null {
  const member = SUBJECT_MEMBER[method];
  if (member !== undefined) return stringOf(params[member]);
  return method === "completion/complete" ? completedSubject(params.ref) : null;
}

/** `ref` of completion/complete is `{type: "ref/prompt", name}` or `{type: "ref/resource", uri}`. */
function completedSubject(ref: unknown): string | null {
  if (typeof ref !== "object" || ref === null) return null;
  const { name, uri } = ref as JsonObject; // as: an object, members are checked by stringOf
  return stringOf(name) ?? stringOf(uri);
}
