// Who may do what, seen from a browser.

import assert from "node:assert/strict";
import http from "node:http";
import { LOGGED_OUT, openPage, openSocket, until } from "../lib/browser.js";
import { scene } from "../lib/scene.js";
import { ADMIN, enter, logIn, makeAdmin, untilStatus } from "../lib/user.js";

const options = { page: { expected: [LOGGED_OUT] } };

/** Serves an empty page of another origin, also as another site (`localhost` beside `127.0.0.1`). */
async function startStranger(later) {
  const server = http.createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>Stranger</title>");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  later(() => new Promise((resolve) => server.close(resolve)));
  return server.address().port;
}

/** What a page at another origin manages to do; runs in that page. */
async function attack(base) {
  const socket = new Promise((resolve) => {
    const socket = new WebSocket(`${base.replace("http", "ws")}/ws/v1`, "rtm2.v1");
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("refused");
  });
  const attempt = (path, init) => fetch(base + path, { credentials: "include", ...init }).then(
    async (answer) => `${answer.type} ${answer.status} ${(await answer.text()).length}`,
    () => "blocked",
  );
  const json = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  const plain = { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body: "{}" };
  const picture = (path) => new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve("loaded");
    image.onerror = () => resolve("blocked");
    image.src = base + path;
  });
  return {
    socket: await socket,
    read: await attempt("/api/v1/cameras"),
    bars: await attempt("/api/v1/cameras/0/bars?last=10"),
    post: await attempt("/api/v1/logout", json),
    call: await attempt("/api/fn/whoami", json),
    plainPost: await attempt("/api/v1/logout", plain),
    picture: await picture("/api/v1/cameras/0/snapshot.jpg"),
  };
}

scene("b1: pages of other origins get nothing, though the browser is logged in", options, async (parts) => {
  const { server, page, context, later, sockets } = parts;
  await enter(page, server);
  await untilStatus(page, /^online$/);
  const socket = openSocket(sockets);
  const port = await startStranger(later);
  // The same site with another port sends the cookie; another host does not: both must get nothing.
  for (const host of ["127.0.0.1", "localhost"]) {
    const stranger = await context.newPage();
    await stranger.goto(`http://${host}:${port}/`);
    const got = await stranger.evaluate(attack, server.url);
    assert.deepEqual(
      { ...got, plainPost: undefined, picture: undefined },
      {
        socket: "refused",
        read: "blocked",
        bars: "blocked",
        post: "blocked",
        call: "blocked",
        plainPost: undefined,
        picture: undefined,
      },
      `from ${host}`,
    );
    // An opaque answer says nothing; that it did nothing is seen below.
    assert.ok(["blocked", "opaque 0 0"].includes(got.plainPost), got.plainPost);
    if (host === "localhost") {
      assert.equal(got.picture, "blocked", "another site can show the camera's picture");
    }
    await stranger.close();
  }
  assert.ok(socket.isOpen, "the stranger logged the user out");
  await page.reload();
  await untilStatus(page, /^online$/);
});

scene("the page may not be put into another page's frame", options, async ({ server, page, browser, later }) => {
  await enter(page, server);
  const port = await startStranger(later);
  const { page: stranger } = await openPage(browser);
  await stranger.goto(`http://127.0.0.1:${port}/`);
  const shown = await stranger.evaluate(async (url) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    const loaded = new Promise((resolve) => (frame.onload = resolve));
    document.body.append(frame);
    await loaded;
    return frame.contentDocument === null;
  }, server.url);
  assert.ok(shown, "the frame has a document that can be read");
  const frame = stranger.frames()[1];
  assert.ok(!frame.url().startsWith(server.url), `the frame shows ${frame.url()}`);
});

scene(
  "a wrong password is told, and too many of them lock the door for a while",
  { page: { expected: [LOGGED_OUT, /status of 429 .*\/login/] } },
  async ({ server, page }) => {
    await makeAdmin(page, server);
    await page.context().clearCookies();
    await page.goto(`${server.url}/history`);
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    const alert = page.getByRole("alert").filter({ hasText: /./ });
    await logIn(page, { ...ADMIN, password: "not the password" });
    await until("a word about the password", async () => /wrong|password/i.test(await alert.textContent()));
    assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "", "the wrong password is kept");
    await logIn(page, ADMIN);
    await page.getByRole("region", { name: "History of motion" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/history", "the login does not lead back");

    await page.context().clearCookies();
    await page.goto(`${server.url}/login`);
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await until("the lock", async () => {
      await logIn(page, { user: "somebody", password: "not the password" });
      await until("an answer", async () => (await page.getByRole("button", { name: "Log in", exact: true }).count()) === 1);
      return /too many|wait|again in/i.test((await alert.count()) > 0 ? await alert.textContent() : "");
    }, 90_000);
    // Somebody else is not locked out.
    await logIn(page, ADMIN);
    await page.getByTestId("status").waitFor();
  },
);

scene("a setup link works once, and too short a password is refused", options, async ({ server, page, browser }) => {
  const link = server.setupUrl;
  await page.goto(link);
  await page.getByLabel("New password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("alert").getByText(/shorter than 10/).waitFor();
  await makeAdmin(page, server);
  const { page: other, problems } = await openPage(browser, { expected: [LOGGED_OUT, /status of 4\d\d .*\/setup/] });
  await other.goto(link);
  await other.getByLabel("New password", { exact: true }).fill("another long password");
  await other.getByRole("button", { name: "Make the account" }).click();
  await other.getByRole("alert").filter({ hasText: /./ }).waitFor();
  assert.equal(new URL(other.url()).pathname, "/setup");
  assert.deepEqual(problems, []);
});

scene("r25, b2: admins see who watches, without any secret; others do not", options, async (parts) => {
  const { server, page, browser, context } = parts;
  await enter(page, server);
  await untilStatus(page, /^online$/);
  const eva = { user: "eva", password: "a password for eva" };
  await server.addUser(eva.user, eva.password);
  const viewer = await openPage(browser, { expected: [LOGGED_OUT], userAgent: "Evas Browser/1.0" });
  await viewer.page.goto(server.url);
  await logIn(viewer.page, eva);
  await untilStatus(viewer.page, /^online$/);
  await viewer.page.getByRole("radio", { name: "Live" }).check();

  await page.getByRole("button", { name: "2 viewers online" }).click();
  const dialog = page.getByRole("dialog", { name: "Viewers online" });
  const item = dialog.getByRole("listitem").filter({ hasText: "Evas Browser/1.0" });
  await item.waitFor();
  await page.keyboard.press("Escape");
  await until("the mode", async () => {
    await page.getByRole("button", { name: "2 viewers online" }).click();
    await item.waitFor();
    const text = await item.textContent();
    await page.keyboard.press("Escape");
    assert.ok(text.includes("eva") && text.includes("127.0.0.1"), text);
    return text.includes("live");
  });
  const answer = await page.request.post(`${server.url}/api/fn/viewers`, { data: {}, headers: { origin: server.url } });
  const listed = await answer.text();
  assert.match(listed, /Evas Browser/);
  for (const cookie of [...(await context.cookies()), ...(await viewer.context.cookies())]) {
    assert.ok(!listed.includes(cookie.value), "the list holds a session");
    assert.ok(!server.said().includes(cookie.value), "the log holds a session");
  }
  assert.doesNotMatch(listed, /cookie|authorization|password/i);
  assert.ok(!server.said().includes(eva.password) && !server.said().includes(ADMIN.password), "the log holds a password");

  assert.equal(await viewer.page.getByRole("button", { name: /viewers? online/ }).count(), 0, "a viewer can open the list");
  await viewer.page.getByRole("img", { name: "2 viewers online" }).waitFor();
  await viewer.page.getByRole("link", { name: "Settings" }).click();
  await viewer.page.getByRole("heading", { name: "Your account" }).waitFor();
  assert.equal(await viewer.page.getByRole("heading", { name: "Accounts" }).count(), 0);
  for (const name of ["viewers", "accounts"]) {
    const refused = await viewer.page.request.post(`${server.url}/api/fn/${name}`, { data: {}, headers: { origin: server.url } });
    assert.ok(!refused.ok(), `a viewer may call ${name}`);
    assert.ok(!(await refused.text()).includes("127.0.0.1"));
  }
  await viewer.context.close();
  await page.getByRole("button", { name: "1 viewer online" }).waitFor();
  assert.deepEqual(viewer.problems, []);
});

scene("accounts are added, used and removed in the settings", options, async ({ server, page, browser }) => {
  await enter(page, server, "/settings");
  await page.getByText("Add an account").click();
  await page.getByLabel("Name").fill("otto");
  await page.getByLabel("Password", { exact: true }).last().fill("ottos long password");
  await page.getByRole("button", { name: "Add account" }).click();
  await page.getByText("Account otto added.").waitFor();
  const otto = await openPage(browser, { expected: [LOGGED_OUT] });
  await otto.page.goto(server.url);
  await logIn(otto.page, { user: "otto", password: "ottos long password" });
  await untilStatus(otto.page, /^online$/);
  await page.getByRole("button", { name: "Remove otto" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await otto.page.getByRole("heading", { name: "Log in" }).waitFor();
  await until("no open socket", () => otto.sockets.every((socket) => !socket.isOpen));
  assert.deepEqual(otto.problems, []);
});
