import type { PagedMemory } from "../../state/pagedMemory.ts";
import type { LiveInstance } from "./liveInstance.ts";
import type { CompiledModule } from "./prepareModule.ts";

/** The live instances of an engine by the name of what they hold. The first is the least recently used. */
export class LiveInstances {
  private readonly all = new Map<string, LiveInstance>();
  private readonly ofModule = new Map<CompiledModule, Set<string>>();

  get size(): number { return this.all.size; }
  get(key: string): LiveInstance | undefined { return this.all.get(key); }

  /** Puts it at the end of the order. */
  set(key: string, instance: LiveInstance): void {
    this.delete(key);
    this.all.set(key, instance);
    const keys = this.ofModule.get(instance.module);
    if (keys === undefined) this.ofModule.set(instance.module, new Set([key])); else keys.add(key);
  }

  delete(key: string): void {
    const instance = this.all.get(key);
    if (instance === undefined) return;
    this.all.delete(key);
    const keys = this.ofModule.get(instance.module)!;
    keys.delete(key);
    if (keys.size === 0) this.ofModule.delete(instance.module);
  }
  clear(): void { this.all.clear(); this.ofModule.clear(); }

  /** Those that run nothing, the least recently used first. */
  *idle(): Generator<readonly [string, LiveInstance]> { for (const entry of this.all) if (!entry[1].busy) yield entry; }

  /** Takes away the least recently used of a module's idle instances if there are so many of the module, and if its memory can come to hold this version. */
  takeOldest(module: CompiledModule, many: number, heap: PagedMemory): LiveInstance | undefined {
    const keys = this.ofModule.get(module);
    if (keys === undefined || keys.size < many) return undefined;
    for (const key of keys) {
      const instance = this.all.get(key)!;
      if (instance.busy || !instance.holds(heap)) continue;
      this.delete(key);
      return instance;
    }
    return undefined;
  }
}
