// A server with `--lan`, and a browser of one's own that may come to trust it.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { LOGGED_OUT, launchOptions, watchPage } from "./browser.js";
import { startServer } from "./server.js";

const run = promisify(execFile);
const LIMIT_MS = 180_000;
/** What Chromium logs where the certificate is not trusted. */
export const UNTRUSTED = /ERR_CERT_AUTHORITY_INVALID|SSL certificate error/;

/** Declares a test with a server that was started with `--lan`, and a folder that is the browser's home. */
export function lan(name, body) {
  test(name, { timeout: LIMIT_MS }, async () => {
    const home = await mkdtemp(path.join(tmpdir(), "rtm2-home-"));
    const server = await startServer({ args: ["--lan", "--source", "demo:"] });
    try {
      await body({ server, home });
    } catch (error) {
      error.message += `\n${server.said()}`;
      throw error;
    } finally {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    }
  });
}

/** Opens a browser with a profile of its own, as people have one: nothing is installed from private windows. */
export async function browse(home, body, { viewport = { width: 1280, height: 800 }, ...options } = {}) {
  const context = await chromium.launchPersistentContext(path.join(home, "profile"), {
    ...launchOptions({ env: { ...process.env, HOME: home } }),
    viewport,
    ...options,
  });
  try {
    const [page] = context.pages();
    return await body(page, context, watchPage(page, [LOGGED_OUT, UNTRUSTED]));
  } finally {
    await context.close();
  }
}

/** Trusts the authority as the page says for Chromium on Linux. */
export async function trust(server, home) {
  const database = path.join(home, ".pki/nssdb");
  await mkdir(database, { recursive: true });
  const pem = path.join(home, "rtm2-authority.pem");
  const answer = await fetch(`${server.url}/trust/rtm2-authority.pem`);
  await writeFile(pem, await answer.text());
  await run("certutil", ["-d", `sql:${database}`, "-N", "--empty-password"]);
  await run("certutil", ["-d", `sql:${database}`, "-A", "-t", "C,,", "-n", "rtm2", "-i", pem]);
}
