import type { CommandContext, Shown } from "../context/context.ts";
import { createIdentity, listIdentities, openIdentity } from "../identity/identityStore.ts";

/** `icx identity whoami` and `principal`. */
export async function showIdentity({ io }: CommandContext, { identity, what }: { readonly identity: string | undefined; readonly what: "name" | "principal" }): Promise<Shown> {
  const { name, principal } = openIdentity(io.env, identity);
  return { text: what === "name" ? name : principal, data: { name, principal } };
}

/** `icx identity new`. @throws IcxError ICX3003, ICX3004 */
export async function newIdentity({ io }: CommandContext, { name }: { readonly name: string }): Promise<Shown> {
  const { principal } = createIdentity(io.env, name);
  return { text: `Created the identity ${name}: ${principal}`, data: { name, principal } };
}

/** `icx identity list`. */
export async function identityList({ io }: CommandContext): Promise<Shown> {
  const names = listIdentities(io.env);
  return { text: names.join("\n"), data: { identities: names } };
}
