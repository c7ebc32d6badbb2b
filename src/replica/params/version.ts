/** The version of icx, as its package says: in state directories, journals and `status`. A test compares it with package.json. */
export const ICX_VERSION = "0.1.0";
