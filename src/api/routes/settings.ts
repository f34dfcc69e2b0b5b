/** `GET /api/settings`, `PUT /api/settings/:key`: settings in force with where each comes from, and what is stored where. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { unknownSetting } from "../../config/config.ts";
import { saveSetting } from "../../config/config_edit.ts";
import { modelOf } from "../../config/model.ts";
import {
  findSetting,
  type KnownSetting,
  type SettingKey,
  settingOf,
  SETTINGS,
} from "../../config/settings.ts";
import type { Settings } from "../../config/settings_in_force.ts";
import { KmError } from "../../core/error.ts";
import { inputPrice, nearModels } from "../../cost/price.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { shown } from "../invalid_input.ts";
import { createRouter, requires } from "../router.ts";
import { failures, SettingSchema, SettingsSchema, StoreSummarySchema } from "../schemas.ts";

/** Longest value of a setting, in characters. */
const MAX_VALUE = 4096;

const getSettings = createRoute({
  method: "get",
  path: "/api/settings",
  summary: "Settings, where km keeps its data, and how much there is",
  middleware: [requires("read")] as const,
  responses: {
    200: { description: "Settings", content: { "application/json": { schema: SettingsSchema } } },
    ...failures(401, 403, 503),
  },
});

const putSetting = createRoute({
  method: "put",
  path: "/api/settings/{key}",
  summary: "Change one setting in the config file; its comments stay",
  description:
    "Once it is answered, km serve works with the new value; a monitor that runs keeps the one that it started " +
    "with, but reads how long to keep events again before it deletes any. " +
    "A value in the environment comes before the file: then `source` says so, and the change is not in force.",
  middleware: [requires("admin")] as const,
  request: {
    params: z.object({
      key: z.string().openapi({ description: "Name of the setting", example: "retention.days" }),
    }),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            value: z.string().max(MAX_VALUE).nullable().openapi({
              description: "As on the command line; null: back to the default",
              example: "30",
            }),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: "The setting as it is now",
      content: { "application/json": { schema: SettingSchema } },
    },
    ...failures(400, 401, 403, 404, 503),
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function settingsRoutes({ reader, paths, settings }: Pick<ApiDeps, "reader" | "paths" | "settings">) {
  const { home, database, config } = paths;
  /** One change after another: each reads the file and writes it whole. */
  let lastChange: Promise<unknown> = Promise.resolve();
  return createRouter()
    .openapi(getSettings, async (context) => {
      const summary = await reader.query("storeSummary", undefined, { signal: context.req.raw.signal });
      // The answer of our own thread; parsed like any other, it is small.
      const store = StoreSummarySchema.parse(JSON.parse(new TextDecoder().decode(summary)));
      await settings.look();
      const inForce = SETTINGS.map(({ key }) => describe(key, settings));
      return context.json({ settings: inForce, paths: { home, database, config }, store }, 200);
    })
    .openapi(putSetting, async (context) => {
      const { key } = context.req.valid("param");
      const { value } = context.req.valid("json");
      const setting = settingNamed(key);
      if (setting.key === "model") await checkModel(value);
      const change = lastChange.then(() => saveSetting(setting, value ?? undefined, config));
      lastChange = change.catch(() => {});
      await change.catch((error) => {
        throw isUsage(error) ? new ApiError(400, "invalid", error.message, fieldValue(error)) : error;
      });
      // Not before everybody works with it: who turns redaction on may rely on it from the answer on.
      await settings.reload();
      return context.json(describe(setting.key, settings), 200);
    });
}

function describe(key: SettingKey, settings: Settings): z.infer<typeof SettingSchema> {
  const { text, source } = settings.value(key);
  const { type, env, help, choices, default: byDefault } = settingOf(key);
  return {
    key,
    value: text,
    source,
    default: byDefault,
    type,
    choices: choices ? [...choices] : null,
    env,
    help,
  };
}

function settingNamed(key: string): KnownSetting {
  const setting = findSetting(key);
  if (setting) return setting;
  const { message, hint } = unknownSetting(key);
  throw new ApiError(404, "not_found", message, { field: "key", ...(hint !== undefined && { hint }) });
}

/** Whoever names a model wants to see money, which only a model of the price list has. @throws {ApiError} 400 */
async function checkModel(value: string | null): Promise<void> {
  const model = value === null ? null : modelOf(value);
  if (model === null || await inputPrice(model) !== null) return;
  const near = await nearModels(model);
  throw new ApiError(400, "invalid", `No price of a model "${shown(model)}" is known`, {
    field: "value",
    hint: near.length > 0
      ? `did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`
      : "write it as its provider does: claude-sonnet-4-5, openai/gpt-5, bedrock/…; none: no money",
  });
}

function isUsage(error: unknown): error is KmError {
  return error instanceof KmError && error.code === "usage";
}

function fieldValue({ hint }: KmError): { readonly field: string; readonly hint?: string } {
  return { field: "value", ...(hint !== undefined && { hint }) };
}
