/** Permissions as they stand in a file of km's own. @module */
import { DIRECTIONS } from "../../core/event.ts";
import { PAYLOADS, type Permissions } from "../manifest.ts";
import type { Shape } from "../shape.ts";

/** More of one kind nobody reads. */
const MAX_ITEMS = 64;
const MAX_CHARS = 1024;

/** @throws {ShapeError} */
export function readPermissions(shape: Shape): Permissions {
  const { net, read, write, env, data } = shape.fields("net", "read", "write", "env", "data");
  const { servers, methods, directions, payload } = data.fields(
    "servers",
    "methods",
    "directions",
    "payload",
  );
  return {
    net: texts(net),
    read: texts(read),
    write: texts(write),
    env: texts(env),
    data: {
      servers: texts(servers),
      methods: texts(methods),
      directions: directions.list((one) => one.choice(DIRECTIONS), DIRECTIONS.length),
      payload: payload.choice(PAYLOADS),
    },
  };
}

function texts(shape: Shape): readonly string[] {
  return shape.list((one) => one.text((text) => text !== "", MAX_CHARS), MAX_ITEMS);
}
