/** Runs a tool of the system to its end. @module */

export interface ToolResult {
  readonly code: number;
  /** What it printed on both streams. */
  readonly text: string;
}

/** Null when there is no such program. */
export async function runTool(argv: readonly [string, ...string[]]): Promise<ToolResult | null> {
  const [program, ...args] = argv;
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}
