// Looks whether the browser trusts the server, and says so.
const part = (id) => document.getElementById(id);
const encrypted = location.protocol === "https:";
const stable = document.body.dataset.stable;

// Whether TLS to an address works. The answer itself may be unreadable: it counts that there is one.
const reaches = (host) =>
  fetch(`https://${host}/trust/check`, { mode: "no-cors", cache: "no-store", credentials: "omit" }).then(
    () => true,
    () => false,
  );

// Browsers go on in spite of a warning if one insists, and then call the page secure; but no worker may run there.
const runsWorkers = async () => {
  if (!navigator.serviceWorker) {
    return isSecureContext;
  }
  try {
    const worker = await navigator.serviceWorker.register("/trust/worker.js", { scope: "/trust/" });
    await worker.unregister();
    return true;
  } catch {
    return false;
  }
};

const say = (state, text, more) => {
  part("state").dataset.state = state;
  part("said").textContent = text;
  part("more").textContent = more ?? "";
  part("more").hidden = !more;
  part("open").hidden = state !== "trusted";
  part("again").hidden = state !== "untrusted";
  // Servers whose certificate every browser knows have no steps.
  part("own")?.toggleAttribute("open", state !== "trusted");
};

const look = async () => {
  const trusted = encrypted ? await runsWorkers() : await reaches(location.host);
  if (!trusted) {
    const why = encrypted
      ? "The browser came here in spite of a warning. Follow the steps below, then look again."
      : "Follow the steps below, then come back: this page looks again by itself.";
    say("untrusted", "This device does not trust this server yet.", why);
    return;
  }
  // Without TLS the page cannot tell trust from a warning that was waved through; the encrypted one can.
  const address = encrypted ? "/" : `https://${location.host}/trust?go`;
  if (location.search === "?go") {
    location.replace(address);
    return;
  }
  part("open").href = address;
  say("trusted", "This device trusts this server.");
  if (stable && stable !== location.host && (await reaches(stable))) {
    part("open").href = `https://${stable}/`;
    say("trusted", "This device trusts this server.", `Its name ${stable} stays the same when its address changes.`);
  }
};

let looking = false;
const lookOnce = async () => {
  if (!looking && part("state").dataset.state !== "trusted") {
    looking = true;
    await look();
    looking = false;
  }
};
part("again").addEventListener("click", lookOnce);
// Back from the settings.
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookOnce());
addEventListener("pageshow", lookOnce);
