/** Letting others go first. @module */

/** How much less processor time the thread gets than others while all are busy; none less while there is enough. */
const NICE = 5;
const PRIO_PROCESS = 0;
/** Apple's class for work that the user does not wait for. */
const QOS_CLASS_UTILITY = 0x11;

/**
 * Lowers the priority of the calling thread only, so that the relay, the client and the server go first when processors are short. On Linux a
 * "process" of setpriority(2) is a thread. Where it cannot be done, nothing happens.
 * @see setpriority(2), "C library/kernel differences"; pthread_set_qos_class_self_np(3)
 */
export function lowerThreadPriority(): void {
  try {
    if (Deno.build.os === "linux") {
      const libc = Deno.dlopen("libc.so.6", {
        setpriority: { parameters: ["i32", "i32", "i32"], result: "i32" },
      });
      libc.symbols.setpriority(PRIO_PROCESS, 0, NICE);
    } else if (Deno.build.os === "darwin") {
      const libc = Deno.dlopen("libSystem.B.dylib", {
        pthread_set_qos_class_self_np: { parameters: ["i32", "i32"], result: "i32" },
      });
      libc.symbols.pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0);
    }
  } catch {
    // No FFI: the thread keeps its priority.
  }
}
