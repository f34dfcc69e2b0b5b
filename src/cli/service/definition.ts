/** What a service of the system is told about km, whatever the system. @module */

export interface ServiceDefinition {
  /** Absolute path of the program, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** What must be set: KM_HOME where it is not the default. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where output goes on systems that do not keep it themselves. */
  readonly logPath: string;
}

/** A file to write, and what makes the system take notice of it. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string;
  /** Commands that start it now and at each login; those that stop and forget it; one that says how it is. */
  readonly enable: readonly (readonly [string, ...string[]])[];
  readonly disable: readonly (readonly [string, ...string[]])[];
  readonly status: readonly [string, ...string[]];
}
