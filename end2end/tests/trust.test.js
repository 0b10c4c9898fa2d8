// HTTPS with an authority of its own: what a browser meets that does not trust it yet, and what it can do once it does.

import assert from "node:assert/strict";
import { untilWorker } from "../lib/alarm.js";
import { assertNoProblems, LOGGED_OUT, openSocket, until } from "../lib/browser.js";
import { browse, lan, trust } from "../lib/lan.js";
import { scene } from "../lib/scene.js";
import { makeAdmin, untilStatus } from "../lib/user.js";

/** A name that leads to loopback, and that browsers do not trust as they trust loopback itself. */
const NAME = "rtm2.test";
// Chromium has a word for each header that counts over TLS only.
const OVER_TLS_ONLY = /Cross-Origin-Opener-Policy header has been ignored/;
const plain = { page: { expected: [LOGGED_OUT, OVER_TLS_ONLY] }, browser: { args: [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`] } };

const state = (page) => page.locator("#state").getAttribute("data-state");

lan("a browser that does not trust yet is told what to do", async ({ server, home }) => {
  await browse(home, async (page, _, { problems }) => {
    await assert.rejects(page.goto(`${server.secureUrl}/`), /ERR_CERT_AUTHORITY_INVALID/);
    // The browser's own page about it comes a moment later, and would interrupt what is asked for next.
    await page.waitForURL("chrome-error://chromewebdata/");
    // The bare address leads to the page that helps.
    await page.goto(`${server.url}/`);
    assert.equal(new URL(page.url()).pathname, "/trust");
    await page.getByText("This device does not trust this server yet.").waitFor();
    assert.equal(await state(page), "untrusted");
    await page.locator("#own").getByRole("heading", { name: "Linux" }).waitFor();
    const [, fingerprint] = /fingerprint:\s+([0-9A-F:]{95})/.exec(server.stdout);
    assert.equal(await page.locator("#fingerprint").textContent(), fingerprint);
    assert.ok(await page.getByRole("link", { name: "Open rtm2" }).isHidden());
    await page.getByText("iPhone and iPad").click();
    await page.getByText("Certificate Trust Settings").waitFor();
    const download = page.waitForEvent("download");
    await page.locator("#own").getByRole("link", { name: "Get the certificate" }).click();
    assert.equal((await download).suggestedFilename(), "rtm2-authority.pem");
    assertNoProblems(problems);
  });
});

lan("a browser that goes on in spite of the warning is not called trusting", async ({ server, home }) => {
  const wavedThrough = { ignoreHTTPSErrors: true };
  const body = async (page) => {
    await page.goto(`${server.secureUrl}/trust`);
    await page.getByText("The browser came here in spite of a warning.").waitFor();
    assert.equal(await state(page), "untrusted");
  };
  await browse(home, body, wavedThrough);
});

lan("a browser that trusts is led on, installs, and gets pictures", async ({ server, home }) => {
  await trust(server, home);
  await browse(home, async (page, context, { problems, sockets }) => {
    await page.goto(`${server.url}/trust`);
    await page.getByText("This device trusts this server.").waitFor();
    // What is done needs no steps any more.
    await page.getByRole("heading", { name: "Your other devices", level: 1 }).waitFor();
    assert.ok(await page.locator("#own").getByRole("link", { name: "Get the certificate" }).isHidden());
    await page.getByRole("link", { name: "Open rtm2" }).click();
    await page.waitForURL(`${server.secureUrl}/login`);

    await makeAdmin(page, server);
    await untilStatus(page, /^online$/);
    assert.ok(openSocket(sockets).url.startsWith("wss://"));
    await until("pictures", () => openSocket(sockets).pictures > 0);
    assert.ok(await page.evaluate(() => isSecureContext));
    const [cookie] = await context.cookies(server.secureUrl);
    assert.ok(cookie.secure && cookie.httpOnly);

    // The page may have been on its way already when the worker became active, and then is its own until the next time.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    await untilWorker(page);
    const devtools = await context.newCDPSession(page);
    const { url, errors } = await devtools.send("Page.getAppManifest");
    assert.deepEqual([url, errors], [`${server.secureUrl}/manifest.webmanifest`, []]);
    const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
    assert.deepEqual(installabilityErrors, []);
    assertNoProblems(problems);
  });
});

scene("plain HTTP on the network says what will not work, until it is hidden", plain, async ({ server, page }) => {
  const named = (address) => address.replace("127.0.0.1", NAME);
  await makeAdmin(page, { setupUrl: named(server.setupUrl) });
  assert.equal(await page.evaluate(() => isSecureContext), false);
  const line = page.getByText("This is plain HTTP");
  await line.waitFor();
  await page.getByRole("link", { name: "What to do" }).click();
  await page.getByRole("heading", { name: "This server speaks plain HTTP" }).waitFor();
  await page.goto(`${named(server.url)}/readiness`);
  await line.waitFor();
  assert.equal(await page.getByRole("link", { name: "What to do" }).count(), 2);
  await page.getByRole("button", { name: "Hide" }).click();
  await line.waitFor({ state: "detached" });
  await page.reload();
  await untilStatus(page, /^online$/);
  assert.equal(await line.count(), 0);
});

lan("the page of trust fits a phone", async ({ server, home }) => {
  const phone = {
    viewport: { width: 390, height: 844 },
    userAgent: "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Mobile Safari/537.36",
  };
  const body = async (page) => {
    await page.goto(`${server.url}/trust`);
    await page.locator("#own").getByRole("heading", { name: "Android" }).waitFor();
    for (const summary of await page.locator("#others summary").all()) {
      await summary.click();
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${width} px wide`);
    for (const link of await page.locator("a.button:visible, button:visible").all()) {
      const { height } = await link.boundingBox();
      assert.ok(height >= 44, `${await link.textContent()} is ${height} px high`);
    }
  };
  await browse(home, body, phone);
});
