/** What a user has to configure before a plugin can run. @module */

/** Names that a configuration must have and that have no default. Of a schema that says nothing of the kind: none. */
export function requiredConfig(schema: Readonly<Record<string, unknown>> | null): readonly string[] {
  const { required = [], properties = {} } = (schema ?? {}) as SchemaParts; // as: the manifest's reader has checked it
  return required.filter((name) =>
    !(Object.hasOwn(properties, name) && "default" in (properties[name] ?? {}))
  );
}

interface SchemaParts {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, object>>;
}
