import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** How a user, a terminal that closes or a supervisor ends a process. */
export const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Whether a process with this id runs. One that has ended and that its parent has not noticed (a container without init) does not. */
export function isAlive(pid: number): boolean {
  try { process.kill(pid, 0); } catch (error) { return (error as NodeJS.ErrnoException).code === "EPERM"; }
  return !["Z", "X"].includes(statOf(pid)?.[0] ?? ""); // proc(5): zombie, dead
}

/** The fields of `/proc/<pid>/stat` from the third (state) on; undefined on other systems. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch { return undefined; }
}

/** A text that tells a process from a later one with the same id; undefined where the system does not say. */
export const birthOf = (pid: number): string | undefined => statOf(pid)?.[19]; // field 22 of proc(5): start time in clock ticks since boot

/** `name (pid 123)` of the process that listens on a TCP port, where the system lets us see it. */
export function portHolder(port: number): string | undefined {
  try {
    const inode = listeningInode(port);
    if (inode === undefined) return undefined;
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      if (holds(pid, inode)) return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (pid ${pid})`;
    }
  } catch { /* another system, or not ours to see */ }
  return undefined;
}

function listeningInode(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(suffix) === true && fields[3] === "0A") return fields[9]; // 0A: TCP_LISTEN
  }
  return undefined;
}

function holds(pid: string, inode: string): boolean {
  try { return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`); } catch { return false; }
}
