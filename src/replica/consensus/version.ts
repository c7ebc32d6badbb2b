/** Version of blocks and of what is signed about them: artifacts of another version are not ours. */
export const BLOCK_VERSION = 1;
