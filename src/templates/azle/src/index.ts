import { IDL, query, update } from 'azle';

/** Greets, and counts how often. */
export default class {
    greeted: bigint = 0n;

    @update([IDL.Text], IDL.Text)
    greet(name: string): string {
        this.greeted += 1n;
        return `Hello, ${name}!`;
    }

    @query([], IDL.Nat)
    count(): bigint {
        return this.greeted;
    }
}
