// Runs before the wasm is there: keeps the browser's offer to install the page, which comes once and early, looks after the
// service worker, and opens what a notification leads to. The page looks at `window.rtm2` once a second.
(() => {
  const workers = navigator.serviceWorker;
  const pwa = {
    /** The browser's offer to install the page. */
    offer: null,
    /** A worker of a newer build that waits for leave to take over. */
    waiting: null,
    /** Why there is no worker. */
    trouble: null,
    /** Tells the server how the first chart of the history is to be drawn: local time, and the camera looked at last. */
    look() {
      try {
        const camera = localStorage.getItem("rtm2.camera") ?? 0;
        document.cookie = `rtm2-look=${-new Date().getTimezoneOffset()}_${camera}; path=/history; max-age=31536000; samesite=strict`;
      } catch {
        // Where nothing may be kept, times are drawn in UTC until the page itself is there.
      }
    },
    install() {
      const { offer } = pwa;
      // An offer is good for one question.
      pwa.offer = null;
      return offer?.prompt();
    },
    update() {
      if (pwa.waiting) {
        workers.addEventListener("controllerchange", () => location.reload(), { once: true });
        pwa.waiting.postMessage("update");
      } else {
        location.reload();
      }
    },
  };
  window.rtm2 = pwa;
  pwa.look();
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    pwa.offer = event;
  });
  addEventListener("appinstalled", () => (pwa.offer = null));

  const build = document.querySelector("meta[name=rtm2-build]")?.content ?? "{{";
  // While the page is developed nothing fills in the worker, and keeping files would only be in the way.
  if (!workers || build.startsWith("{{")) {
    return;
  }
  // It fetches all files of the page: what is needed now comes first.
  addEventListener("load", () =>
    workers.register("/sw.js", { updateViaCache: "none" }).then(
      (registration) => {
        const look = () => {
          // The first worker ever is no update.
          if (registration.waiting && registration.active) {
            pwa.waiting = registration.waiting;
          }
        };
        look();
        registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
      },
      (error) => (pwa.trouble = error.message),
    ),
  );
  workers.addEventListener("message", ({ data }) => {
    if (typeof data?.open === "string") {
      open(new URL(data.open, location.origin));
    }
  });

  // Refused without words: the list of devices says what became of it, and the next start tries again.
  workers.ready.then(mend).catch(() => undefined);

  /**
   * A browser that is notified keeps to a subscription that the server knows: one that is gone is made anew, one that is
   * another is told. The server knows the device by its number, so its name and filters stay.
   */
  async function mend({ pushManager }) {
    const device = localStorage.getItem("rtm2.push-device");
    if (!device || !pushManager || Notification.permission !== "granted") {
      return;
    }
    let subscription = await pushManager.getSubscription();
    const told = localStorage.getItem("rtm2.push-endpoint");
    if (!subscription) {
      const applicationServerKey = await (await call("push_key", {})).json();
      subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
    } else if (subscription.toJSON().endpoint === told) {
      return;
    }
    const { status } = await call("push_change", { device: Number(device), change: { do: "renew", subscription } });
    if (status === 200) {
      localStorage.setItem("rtm2.push-endpoint", subscription.toJSON().endpoint);
      await (await caches.open("push-device")).put("/", new Response(device));
    } else if (status === 404) {
      // Its owner has removed it.
      localStorage.removeItem("rtm2.push-device");
      await subscription.unsubscribe();
    }
  }

  async function call(name, body) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`/api/fn/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok && answer.status !== 404) {
      throw new Error(`${name}: ${answer.status}`);
    }
    return answer;
  }

  /** Inside the page where that can be, so that an armed alarm stays armed. */
  function open(url) {
    if (url.origin !== location.origin) {
      return;
    }
    if (url.pathname === location.pathname) {
      location.assign(url);
      return;
    }
    const link = document.createElement("a");
    link.href = url.pathname + url.search;
    document.body.append(link);
    link.click();
    link.remove();
  }
})();
