/**
 * The pirouter executable: arguments in, exit code out.
 *
 * @module
 */

import { createProcessContext } from "./src/cli/context.ts";
import { runCli } from "./src/cli/mod.ts";

Deno.exit(await runCli(Deno.args, createProcessContext()));
