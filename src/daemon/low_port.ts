/** Ports below 1024, which most systems keep for root. Loads no package. @module */

/** What makes such a port possible without being root. */
export function howToAllow(port: number, hostname: string, os: typeof Deno.build.os = Deno.build.os): string {
  if (os === "linux") {
    return `to allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}, ` +
      "or a systemd system unit with AmbientCapabilities=CAP_NET_BIND_SERVICE";
  }
  if (os === "darwin") return `macOS lets only root listen on ${hostname} port ${port}`;
  return "run it as an administrator";
}
