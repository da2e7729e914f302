/** Where the config and the ledger are, on each platform. */

import { posix, win32 } from "node:path";
import type { Env } from "./api_key.ts";

/** What a path in the config depends on. */
export interface PathContext {
  /** The config file. */
  readonly file: string;
  readonly env: Env;
  /** `Deno.build.os`. */
  readonly os: string;
}

/**
 * The default config file: `${XDG_CONFIG_HOME:-~/.config}/pirouter/config.toml`, on Windows
 * `%APPDATA%\pirouter\config.toml`; null when the environment names no folder for it.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function defaultConfigPath(env: Env, os: string): string | null {
  if (os === "windows") return joinBelow(env("APPDATA"), os, "pirouter", "config.toml");
  const folder = absoluteOf(env("XDG_CONFIG_HOME")) ?? joinBelow(env("HOME"), os, ".config");
  return joinBelow(folder, os, "pirouter", "config.toml");
}

/**
 * The default ledger: `${XDG_DATA_HOME:-~/.local/share}/pirouter/ledger.db`, on macOS
 * `~/Library/Application Support/pirouter/ledger.db`, on Windows `%LOCALAPPDATA%\pirouter\ledger.db`;
 * null when the environment names no folder for it.
 */
export function defaultLedgerPath(env: Env, os: string): string | null {
  return joinBelow(dataFolder(env, os), os, "pirouter", "ledger.db");
}

/** A ledger path from the config: `~` is the home folder, a relative path starts at the config file. */
export function resolveLedgerPath(path: string, context: PathContext): string {
  const { join, dirname, isAbsolute } = pathModule(context.os);
  if (path === ":memory:") return path;
  const home = homeFolder(context.env, context.os);
  if (home !== undefined && /^~(?:$|[/\\])/.test(path)) return join(home, path.slice(1));
  return isAbsolute(path) ? path : join(dirname(context.file), path);
}

function dataFolder(env: Env, os: string): string | undefined {
  if (os === "windows") return env("LOCALAPPDATA");
  if (os === "darwin") {
    return joinBelow(env("HOME"), os, "Library", "Application Support") ?? undefined;
  }
  return absoluteOf(env("XDG_DATA_HOME")) ?? joinBelow(env("HOME"), os, ".local", "share") ??
    undefined;
}

function homeFolder(env: Env, os: string): string | undefined {
  return env(os === "windows" ? "USERPROFILE" : "HOME") || undefined;
}

// The specification has relative paths in XDG variables ignored.
function absoluteOf(path: string | undefined): string | undefined {
  return path !== undefined && posix.isAbsolute(path) ? path : undefined;
}

function joinBelow(
  folder: string | null | undefined,
  os: string,
  ...parts: readonly string[]
): string | null {
  return folder ? pathModule(os).join(folder, ...parts) : null;
}

function pathModule(os: string): typeof posix {
  return os === "windows" ? win32 : posix;
}
