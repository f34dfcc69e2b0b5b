/** The fields of `km plugins licence`, `login` and `logout`. @module */

export const LICENCE_JSON = {
  state: "none, valid, grace, expired, revoked or invalid",
  tier: "what is open now: free, pro or enterprise",
  customerId: "whom the licence names while it counts, or null",
  plugins: "the only plugins that it counts for, or null for all",
  expiresAt: "ISO 8601, UTC: the token's end; or null",
  graceEndsAt: "ISO 8601, UTC: when it ends unless the licence server answers; or null",
  reason: "why it is not valid, or null",
} as const;
