// The whole way of a newcomer, on the demo scene.

import assert from "node:assert/strict";
import { fingerprint } from "../lib/canvas.js";
import { LOGGED_OUT, openSocket, until } from "../lib/browser.js";
import { inView, pictureLoadedBy, untilBars, viewed, viewer } from "../lib/history.js";
import { documentedRoutes, status, UPGRADE } from "../lib/refused.js";
import { scene } from "../lib/scene.js";
import { framesOnDisk } from "../lib/store.js";
import { api, logOut, makeAdmin, storedBars, untilStatus } from "../lib/user.js";

/** Routes that the description of the API must not leave out. */
const LEAST = [
  "GET /api/v1/session",
  "GET /api/v1/cameras",
  "GET /api/v1/cameras/0/bars",
  "GET /api/v1/cameras/0/frame",
  "GET /api/v1/cameras/0/snapshot.jpg",
  "GET /api/v1/cameras/0/stream.mjpeg",
  "GET /metrics",
  "GET /readyz",
  "POST /api/v1/logout",
];

scene("from the first start to a recorded frame and out again", { page: { expected: [LOGGED_OUT] } }, async (parts) => {
  const { server, page, context, sockets } = parts;
  await page.goto(server.url);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.equal(sockets.length, 0, "a socket was opened before the login");

  await makeAdmin(page, server);
  assert.equal(new URL(page.url()).pathname, "/");
  assert.ok(!page.url().includes("token"), "the one-time token stays in the address");
  await page.getByText("DEMO", { exact: true }).waitFor();
  await untilStatus(page, /^online$/);
  await seeItMove(page);

  const { at, bytes } = await clickBar(page, server);
  assert.deepEqual(await viewed(page), { camera: 0, at });
  const stored = await page.request.get(`${server.url}/api/v1/cameras/0/frames/${at}.jpg`);
  assert.ok(bytes.equals(await stored.body()), "the page shows other bytes than the API answers");
  const frame = (await framesOnDisk(server.stateDir)).find((frame) => frame.at === at);
  assert.ok(frame !== undefined, "the frame shown is in no segment");
  assert.ok(bytes.equals(frame.jpeg), "the page shows other bytes than the segment holds");
  await boxesAreThose(page, server, at);

  const session = await cookie(context);
  assert.equal(await status(server, { method: "GET", path: "/api/v1/session" }, { cookie: session }), 200);
  assert.equal(await status(server, { method: "GET", path: "/ws/v1" }, { cookie: session, ...UPGRADE }), 101);
  const socket = openSocket(sockets);
  await logOut(page);
  await until("the end of the socket", () => !socket.isOpen);
  await everythingIsRefused(server, session, at);
  await page.goto(`${server.url}/history?camera=0&at=${at}`);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.equal(sockets.filter((socket) => socket.isOpen).length, 0, "a socket is open after the log-out");
});

/** The picture changes, and the page says so. */
async function seeItMove(page) {
  const canvas = page.getByTestId("picture");
  await until("the word of motion", async () => (await page.getByTestId("motion").getAttribute("class")).includes("plate-on"));
  await until("a picture", async () => (await canvas.evaluate((element) => element.width)) === 640);
  const before = await fingerprint(canvas);
  await until("another picture", async () => (await fingerprint(canvas)) !== before);
  await until("the time of the last motion", async () => (await page.getByTestId("last-motion").textContent()) === "now");
}

/** Clicks a bar that came live, on the chart itself; it must be the one that lies there. */
async function clickBar(page, server) {
  const [bar] = await untilBars(page, 3);
  const { from, to } = await inView(page);
  const picture = await pictureLoadedBy(page, () => page.mouse.click(bar.x, bar.y));
  const pointed = from + bar.place * (to - from);
  // The caption says whole seconds, and the chart moves on once a second.
  assert.ok(Math.abs(pointed - picture.at / 1e6) < 3, `clicked at ${pointed}, shown ${picture.at / 1e6}`);
  const firsts = (await storedBars(page, server)).map(([, , first]) => first);
  assert.ok(firsts.includes(picture.at), "the frame shown is not the first one of any bar");
  return picture;
}

/** The boxes over the stored frame are those that the detector gave it. */
async function boxesAreThose(page, server, at) {
  const { boxes } = await api(page, server, `/api/v1/cameras/0/frame?seek=at&at=${at}`);
  const drawn = viewer(page).locator("rect");
  await until("the boxes", async () => (await drawn.count()) === boxes.length);
  const shown = await drawn.evaluateAll((rects) =>
    rects.map((rect) => ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)))),
  );
  assert.ok(boxes.length > 0, "a frame of motion without a box");
  assert.deepEqual(shown, boxes.map((box) => box.slice(0, 4)));
}

async function cookie(context) {
  // How the history's first chart is drawn is no secret: local time and the camera looked at last.
  const [looks, cookies] = [[], []];
  for (const each of await context.cookies()) {
    (each.name === "rtm2-look" ? looks : cookies).push(each);
  }
  assert.ok(looks.every(({ value, path }) => /^-?\d+_\d+$/.test(value) && path === "/history"), "what the look tells");
  assert.equal(cookies.length, 1, "there is one cookie");
  assert.ok(cookies[0].httpOnly && cookies[0].sameSite === "Strict", "the cookie is not protected");
  return `${cookies[0].name}=${cookies[0].value}`;
}

async function everythingIsRefused(server, session, at) {
  const routes = await documentedRoutes(at);
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  for (const name of LEAST) {
    assert.ok(names.includes(name), `docs/openapi.json does not describe ${name}`);
  }
  const further = [
    { method: "GET", path: `/api/v1/cameras/0/frames/${at}.jpg` },
    { method: "POST", path: "/api/fn/viewers" },
    { method: "POST", path: "/api/fn/whoami" },
  ];
  for (const route of [...routes, ...further]) {
    const headers = { cookie: session };
    assert.equal(await status(server, route, headers), 401, `${route.method} ${route.path} with the old cookie`);
  }
  assert.equal(await status(server, { method: "GET", path: "/ws/v1" }, { cookie: session, ...UPGRADE }), 401);
}
