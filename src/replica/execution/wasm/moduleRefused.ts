/** A module breaks a rule of interface spec §3.8. Thrown inside this room only; `prepare` turns it into IC0505. */
export class ModuleRefused extends Error {
  override readonly name = "ModuleRefused";
}

/** @throws ModuleRefused with the replica's wording of the broken rule. */
export function refuse(reason: string): never {
  throw new ModuleRefused(reason);
}
