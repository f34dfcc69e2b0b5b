/** The servers of the README's picture: what a developer's tools talk to, and how it behaves. @module */

/** One tool: how often it is called, how long it takes, what it answers. */
export interface ToolPlan {
  readonly name: string;
  readonly callsPerBusyHour: number;
  readonly medianMs: number;
  /** Sigma of the logarithm of its latency. */
  readonly spread: number;
  readonly errorRate: number;
  /** Mean tokens of an answer. */
  readonly tokens: number;
}

/** One server with the client that starts it. */
export interface ServerPlan {
  readonly name: string;
  readonly client: string;
  readonly version: string;
  readonly tools: readonly ToolPlan[];
}

export const SERVERS: readonly ServerPlan[] = [
  {
    name: "github",
    client: "claude-code",
    version: "0.19.1",
    tools: [
      tool("search_code", 64, 410, 0.45, 0.012, 1650),
      tool("get_file_contents", 96, 180, 0.4, 0.008, 1200),
      tool("list_pull_requests", 14, 320, 0.4, 0, 2300),
      tool("create_pull_request", 3, 640, 0.3, 0.04, 240),
    ],
  },
  {
    name: "filesystem",
    client: "claude-code",
    version: "2026.1.14",
    tools: [
      tool("read_text_file", 150, 3, 0.5, 0.01, 820),
      tool("edit_file", 58, 6, 0.5, 0.022, 190),
      tool("search_files", 42, 38, 0.7, 0, 310),
      tool("directory_tree", 12, 24, 0.6, 0, 950),
    ],
  },
  {
    name: "postgres",
    client: "cursor",
    version: "0.6.2",
    tools: [tool("query", 72, 42, 0.95, 0.031, 540), tool("describe_table", 22, 14, 0.4, 0, 260)],
  },
  {
    name: "playwright",
    client: "cursor",
    version: "0.0.41",
    tools: [
      tool("browser_navigate", 18, 920, 0.45, 0.02, 1900),
      tool("browser_click", 34, 240, 0.5, 0.024, 1400),
      tool("browser_snapshot", 26, 130, 0.4, 0, 2600),
    ],
  },
  {
    name: "sentry",
    client: "claude-desktop",
    version: "0.17.1",
    tools: [tool("search_issues", 10, 560, 0.4, 0.02, 1100), tool("get_issue_details", 8, 380, 0.4, 0, 1800)],
  },
];

function tool(
  ...[name, callsPerBusyHour, medianMs, spread, errorRate, tokens]: [
    string,
    number,
    number,
    number,
    number,
    number,
  ]
): ToolPlan {
  return { name, callsPerBusyHour, medianMs, spread, errorRate, tokens };
}
