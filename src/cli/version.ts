import metadata from "../../deno.json" with { type: "json" };

/** The version that `deno.json` names. */
export const VERSION: string = metadata.version;
