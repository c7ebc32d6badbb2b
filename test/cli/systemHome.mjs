import { syncBuiltinESMExports } from "node:module";
import os from "node:os";

// For processes that icx starts in tests without HOME: the system's answer to where the user's home is, instead of the real one.
const home = process.env["ICX_TEST_SYSTEM_HOME"];
if (home !== undefined) {
  os.homedir = () => home;
  syncBuiltinESMExports();
}
