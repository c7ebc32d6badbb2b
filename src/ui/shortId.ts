/** Two groups of a principal tell the nodes and subnets of a network apart. */
export const SHORT_CHARACTERS = 11;
/** As tables and sentences name a node or a subnet; commands take it back. */
export const short = (id: string): string => id.slice(0, SHORT_CHARACTERS);
