import type { Project, ProjectCanister } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** Why icx cannot deploy a canister; undefined when it can. */
export function unsupported({ recipe, sync }: ProjectCanister): string | undefined {
  if (recipe.kind === "unsupported") return recipe.what;
  return sync.flatMap((step) => (step.kind === "unsupported" ? [step.what] : []))[0];
}

/** Names the canisters of a selection that icx does not deploy yet, before anything is created, and the command that deploys the others. @throws IcxError ICX1013 */
export function refuseUnsupported(project: Project, selection: readonly ProjectCanister[]): void {
  const reasons = selection.flatMap((canister) => { const what = unsupported(canister); return what === undefined ? [] : [{ name: canister.name, what }]; });
  if (reasons.length === 0) return;
  const blocked = new Set(reasons.map(({ name }) => name));
  for (let grown = true; grown;) { // whoever depends on such a canister waits with it
    grown = false;
    for (const { name, dependencies } of project.canisters) if (!blocked.has(name) && dependencies.some((needed) => blocked.has(needed))) { blocked.add(name); grown = true; }
  }
  const others = selection.map(({ name }) => name).filter((name) => !blocked.has(name)), environment = project.environment === undefined || project.environment === "local" ? "" : ` -e ${project.environment}`;
  throw new IcxError(ERRORS.project.unsupportedCanisters, {
    canisters: reasons.map(({ name }) => name).join(", "), reasons: reasons.map(({ name, what }) => `${name}: ${what}`).join("; "),
    remedy: others.length === 0 ? "Deploy these with icp or dfx, or give them `script` steps." : `Deploy the others with \`icx deploy ${others.join(" ")}${environment}\`.`,
  }, { details: { canisters: reasons, others } });
}
