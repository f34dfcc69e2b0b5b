/** The fields of `km plugins enable`, `disable`, `grant`, `revoke` and `remove`. @module */

export const CHANGE_JSON = {
  outcome:
    "enabled, disabled, granted, updated (a waiting update took over), revoked, removed or not_granted",
  name: "name of the plugin",
  version: "its version, or null where only what it kept was removed",
  enabled: "false when it is not to run",
  grants: "permissions that hold now, as --grant takes them",
  missing: "what a waiting update still wants, as --grant takes it",
} as const;
