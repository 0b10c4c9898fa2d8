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
  );
  workers.addEventListener("message", ({ data }) => {
    if (typeof data?.open === "string") {
      open(new URL(data.open, location.origin));
    }
  });

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
