/**
 * What tokens cost: the input price of a model, from the package's own list, which is never fetched anew behind anybody's back.
 * A price that is not known is null, never 0; money is whole millionths of a dollar.
 * @module
 */
import { editDistance } from "../core/suggest.ts";

/** Providers as people write them, by the name that the price list has. */
const PROVIDERS: Readonly<Record<string, string>> = {
  bedrock: "aws",
  gemini: "google",
  vertex: "google",
  vertexai: "google",
  grok: "x-ai",
  xai: "x-ai",
};
/** Runs on the user's own machine: free by rule, and in no price list. */
const FREE_PROVIDER = "ollama";
/** Few enough that no list has a higher price for them: what is counted here went into many requests, not into one long one. */
const SAMPLE_TOKENS = 1000;
/** Where a model is looked for that could be anybody's. */
const USUAL_PROVIDERS = ["anthropic", "openai", "google"];
const MAX_NEAR = 3;

/**
 * Price of a million tokens that go into `model`, in millionths of a dollar; null when it is not known.
 * @param model `claude-sonnet-4-5`, or with its provider: `bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `groq/llama-3.3-70b-versatile`
 */
export async function inputPrice(model: string, date: Date = new Date()): Promise<number | null> {
  const { providerId, modelId } = splitModel(model);
  if (providerId === FREE_PROVIDER) return 0;
  const { calcPrice } = await import("@pydantic/genai-prices");
  // Without its provider, a model that several offer is not found or found at another one's price.
  const price = calcPrice({ input_tokens: SAMPLE_TOKENS }, modelId, {
    timestamp: date,
    ...(providerId !== null && { providerId }),
  });
  return price === null ? null : Math.round(price.input_price / SAMPLE_TOKENS * 1e12);
}

/** Names of the price list that `model`, which it does not have, may have been meant for, the nearest first. */
export async function nearModels(model: string): Promise<string[]> {
  const { providerId, modelId } = splitModel(model);
  const { findProvider } = await import("@pydantic/genai-prices");
  const found = findProvider(providerId === null ? { modelId } : { providerId });
  const providers = found ? [found] : USUAL_PROVIDERS.map((providerId) => findProvider({ providerId }));
  const names = [...new Set(providers.flatMap((provider) => provider?.models.map(({ id }) => id) ?? []))];
  const most = (name: string) => Math.min(modelId.length, name.length) / 2;
  return names.filter((name) => Math.abs(modelId.length - name.length) <= most(name))
    .map((name) => ({ name, distance: editDistance(modelId.toLowerCase(), name) }))
    .filter(({ name, distance }) => distance <= most(name))
    .sort((a, b) => a.distance - b.distance).slice(0, MAX_NEAR)
    .map(({ name }) => providerId === null ? name : `${model.slice(0, model.indexOf("/"))}/${name}`);
}

/** What `tokens` cost; null when the price is not known. */
export function costMicroUsd(tokens: number, microUsdPerMillionTokens: number | null): number | null {
  return microUsdPerMillionTokens === null ? null : Math.round(tokens * microUsdPerMillionTokens / 1e6);
}

function splitModel(model: string): { readonly providerId: string | null; readonly modelId: string } {
  const slash = model.indexOf("/");
  if (slash < 0) return { providerId: null, modelId: model };
  const provider = model.slice(0, slash).toLowerCase();
  return { providerId: PROVIDERS[provider] ?? provider, modelId: model.slice(slash + 1) };
}
