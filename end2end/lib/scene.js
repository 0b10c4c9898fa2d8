// One test: a server of its own, a browser, a page, and everything cleared away afterwards.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { assertNoProblems, launchBrowser, openPage } from "./browser.js";
import { startServer } from "./server.js";

/** Longest time of a test. */
const LIMIT_MS = 180_000;
/** Where pictures of failed tests go. */
const OUTPUT = path.resolve(import.meta.dirname, "../../target/end2end");

/**
 * Declares a test with a server and a page. `prepare`, if given, gets a folder for the test's files and returns the
 * server's arguments (or `{ args, state, … }`: a state folder that has something in it already; the test gets all fields).
 * `page` holds options of `openPage`, `browser` those of `launchBrowser`.
 *
 * The test fails also for whatever goes wrong in the page meanwhile. When it fails, the page's picture is kept in `target/end2end`,
 * and the error ends with the server's log.
 */
export function scene(name, { prepare = () => ["--source", "demo:"], page: options = {}, browser: launch = {} }, body) {
  test(name, { timeout: LIMIT_MS }, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "rtm2-scene-"));
    const cleanups = [() => rm(folder, { recursive: true, force: true })];
    // What the test itself started goes first, then what is below it.
    const later = (cleanup) => cleanups.push(cleanup);
    const parts = { folder, later };
    try {
      const prepared = await prepare(folder, later);
      Object.assign(parts, Array.isArray(prepared) ? { args: prepared } : prepared);
      parts.server = await startServer({ args: parts.args, state: parts.state });
      later(() => parts.server.stop());
      parts.browser = await launchBrowser(launch);
      later(() => parts.browser.close());
      Object.assign(parts, await openPage(parts.browser, options));
      await body(parts);
      assertNoProblems(parts.problems);
    } catch (error) {
      await explain(error, name, parts);
      throw error;
    } finally {
      for (const cleanup of cleanups.reverse()) {
        await cleanup();
      }
    }
  });
}

/** Adds to an error what there was to see: to its stack, which is all that is printed of it. */
async function explain(error, name, { page, server, problems }) {
  const seen = [];
  if (page !== undefined) {
    const file = path.join(OUTPUT, `${name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)}.png`);
    await mkdir(OUTPUT, { recursive: true });
    const taken = await page.screenshot({ path: file }).then(() => true, () => false);
    seen.push(...(taken ? [`(the page then: ${path.relative(process.cwd(), file)})`] : []));
  }
  if (problems?.length > 0) {
    seen.push("--- the page's problems", ...problems);
  }
  if (server !== undefined) {
    seen.push(server.said());
  }
  error.stack = [error.stack, ...seen].join("\n");
}
