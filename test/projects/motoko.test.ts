import { checkProjects } from "./checkProjects.ts";

checkProjects("motoko");
