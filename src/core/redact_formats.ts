/** Formats of keys and tokens that are secrets by their look alone. Data only; `redact.ts` compiles it. @module */

/** Characters that may follow a prefix. `base62`: letters and digits; `url`: base62 and `_-`; `dotted`: url and `.`. */
export type Charset = "base62" | "url" | "dotted" | "upper" | "hex";

/** One format: `prefix`, compared with case, then at least `min` characters of `charset`. */
export interface TokenFormat {
  /** What stands in its place: `[redacted:github-token]`. */
  readonly label: string;
  readonly prefix: string;
  readonly charset: Charset;
  readonly min: number;
  /** Only when at least one digit follows: tells a key from hyphenated words. */
  readonly needsDigit?: boolean;
  /**
   * How many characters, from and to, must follow where the prefix stands within a word (`xghp_…`). Only for formats that no text and
   * no base64 has by chance: a long prefix, or a short one and a length that is always the same. Others need a word's beginning.
   */
  readonly embedded?: readonly [min: number, max: number];
}

/**
 * Known formats; of two that match, the first wins. Minimal lengths are a little below what the issuers give out today,
 * so that a key that was shortened in a log is still taken.
 * @see GitHub secret scanning "supported patterns", gitleaks default rules, the issuers' own pages (2026-11)
 */
export const TOKEN_FORMATS: readonly TokenFormat[] = [
  { label: "anthropic-key", prefix: "sk-ant-", charset: "url", min: 12, embedded: [20, Infinity] },
  { label: "openrouter-key", prefix: "sk-or-", charset: "url", min: 16 },
  { label: "openai-key", prefix: "sk-proj-", charset: "url", min: 12, embedded: [20, Infinity] },
  { label: "openai-key", prefix: "sk-svcacct-", charset: "url", min: 12, embedded: [20, Infinity] },
  { label: "openai-key", prefix: "sk-", charset: "url", min: 20, needsDigit: true },
  { label: "stripe-key", prefix: "sk_live_", charset: "base62", min: 10, embedded: [16, Infinity] },
  { label: "stripe-key", prefix: "sk_test_", charset: "base62", min: 10, embedded: [16, Infinity] },
  { label: "stripe-key", prefix: "rk_live_", charset: "base62", min: 10, embedded: [16, Infinity] },
  { label: "stripe-key", prefix: "rk_test_", charset: "base62", min: 10, embedded: [16, Infinity] },
  { label: "stripe-webhook-secret", prefix: "whsec_", charset: "base62", min: 16, embedded: [24, Infinity] },
  { label: "github-token", prefix: "ghp_", charset: "base62", min: 16, embedded: [36, Infinity] },
  { label: "github-token", prefix: "gho_", charset: "base62", min: 16, embedded: [36, Infinity] },
  { label: "github-token", prefix: "ghs_", charset: "base62", min: 16, embedded: [36, Infinity] },
  { label: "github-token", prefix: "ghu_", charset: "base62", min: 16, embedded: [36, Infinity] },
  { label: "github-token", prefix: "ghr_", charset: "base62", min: 16, embedded: [36, Infinity] },
  { label: "github-token", prefix: "github_pat_", charset: "url", min: 20, embedded: [20, Infinity] },
  { label: "gitlab-token", prefix: "glpat-", charset: "dotted", min: 16, embedded: [20, Infinity] },
  { label: "gitlab-token", prefix: "glptt-", charset: "url", min: 16 },
  { label: "gitlab-token", prefix: "gldt-", charset: "url", min: 16 },
  { label: "gitlab-token", prefix: "glrt-", charset: "dotted", min: 16 },
  { label: "slack-token", prefix: "xoxb-", charset: "url", min: 10, embedded: [20, Infinity] },
  { label: "slack-token", prefix: "xoxp-", charset: "url", min: 10, embedded: [20, Infinity] },
  { label: "slack-token", prefix: "xoxa-", charset: "url", min: 10, embedded: [20, Infinity] },
  { label: "slack-token", prefix: "xoxr-", charset: "url", min: 10, embedded: [20, Infinity] },
  { label: "slack-token", prefix: "xoxs-", charset: "url", min: 10, embedded: [20, Infinity] },
  { label: "slack-token", prefix: "xoxe-", charset: "url", min: 10, embedded: [20, Infinity] },
  { label: "slack-token", prefix: "xoxe.xox", charset: "dotted", min: 10 },
  { label: "slack-token", prefix: "xapp-", charset: "url", min: 10, embedded: [20, Infinity] },
  { label: "aws-access-key", prefix: "AKIA", charset: "upper", min: 16, embedded: [16, 16] },
  { label: "aws-access-key", prefix: "ASIA", charset: "upper", min: 16, embedded: [16, 16] },
  { label: "google-api-key", prefix: "AIza", charset: "url", min: 30, embedded: [35, 35] },
  { label: "google-oauth-token", prefix: "ya29.", charset: "dotted", min: 16 },
  { label: "google-oauth-secret", prefix: "GOCSPX-", charset: "url", min: 20, embedded: [24, Infinity] },
  { label: "npm-token", prefix: "npm_", charset: "base62", min: 30, embedded: [36, Infinity] },
  { label: "pypi-token", prefix: "pypi-", charset: "url", min: 40 },
  { label: "huggingface-token", prefix: "hf_", charset: "base62", min: 24 },
  { label: "sendgrid-key", prefix: "SG.", charset: "dotted", min: 40 },
  { label: "twilio-key", prefix: "SK", charset: "hex", min: 32 },
  { label: "age-key", prefix: "AGE-SECRET-KEY-1", charset: "upper", min: 40, embedded: [40, Infinity] },
  { label: "groq-key", prefix: "gsk_", charset: "base62", min: 30 },
  { label: "xai-key", prefix: "xai-", charset: "url", min: 40 },
  { label: "perplexity-key", prefix: "pplx-", charset: "base62", min: 30 },
  { label: "replicate-token", prefix: "r8_", charset: "base62", min: 30 },
  { label: "tavily-key", prefix: "tvly-", charset: "url", min: 20 },
  { label: "vault-token", prefix: "hvs.", charset: "url", min: 20 },
  { label: "digitalocean-token", prefix: "dop_v1_", charset: "hex", min: 40, embedded: [40, Infinity] },
  { label: "shopify-token", prefix: "shpat_", charset: "hex", min: 28, embedded: [28, Infinity] },
  { label: "linear-key", prefix: "lin_api_", charset: "base62", min: 30, embedded: [30, Infinity] },
  { label: "notion-token", prefix: "ntn_", charset: "base62", min: 30 },
  { label: "supabase-token", prefix: "sbp_", charset: "hex", min: 30 },
  { label: "databricks-token", prefix: "dapi", charset: "hex", min: 32 },
  { label: "atlassian-token", prefix: "ATATT3", charset: "url", min: 40 },
  { label: "newrelic-key", prefix: "NRAK-", charset: "upper", min: 24 },
  { label: "grafana-token", prefix: "glsa_", charset: "url", min: 30 },
  { label: "postman-key", prefix: "PMAK-", charset: "url", min: 40 },
  { label: "docker-token", prefix: "dckr_pat_", charset: "url", min: 20, embedded: [20, Infinity] },
];
