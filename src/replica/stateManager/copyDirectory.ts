import { constants, cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { storeFailure } from "./storeFailure.ts";

/** Copies a subnet's files, its lock excepted; the copy is whole when it has its name. @returns `target` @throws StoreFailure */
export function copyDirectory(directory: string, target: string): string {
  if (existsSync(target)) return target;
  const unfinished = `${target}.new`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(directory, unfinished, { recursive: true, mode: constants.COPYFILE_FICLONE, filter: (source) => !basename(source).startsWith("lock") });
    renameSync(unfinished, target);
    return target;
  } catch (error) { throw storeFailure(directory, error); }
}
