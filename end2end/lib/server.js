// Starts the real server for a test: on a port of its own, with a state folder of its own, ended by its process id.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const READY_MS = 60_000;
const END_MS = 30_000;

/** The server's program: `RTM2_BIN`, else what `cargo build` makes. */
export function program() {
  const built = path.resolve(import.meta.dirname, "../../target/debug/rtm2");
  return process.env.RTM2_BIN ?? built;
}

/**
 * Starts a server and waits until it answers.
 *
 * `args` follow `rtm2 run`, for instance `["--source", "demo:"]`. With `state`, that folder is used and kept (for a second
 * start on the same recordings); else the server gets a fresh one, removed by `stop()`. With `port` it listens there (for a
 * second start at the same address).
 *
 * Throws with everything the server said when it does not come up.
 */
export async function startServer({ args = ["--source", "demo:"], state, port = 0, env = {} } = {}) {
  const stateDir = state ?? (await mkdtemp(path.join(tmpdir(), "rtm2-end2end-")));
  // Port 0: the system picks a free one, and the server prints which.
  const child = spawn(program(), ["run", "--listen", `127.0.0.1:${port}`, "--state-dir", stateDir, ...args], {
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const server = new Server(child, stateDir, state === undefined);
  try {
    await server.untilReady();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** A server that runs. */
class Server {
  #child;
  #exit;
  #removeState;

  constructor(child, stateDir, removeState) {
    this.#child = child;
    this.#removeState = removeState;
    this.stateDir = stateDir;
    this.stdout = "";
    this.log = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (this.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    this.#exit = new Promise((resolve) => {
      child.once("error", (error) => resolve({ error }));
      // Not "exit": the pipes may still hold the last lines then.
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
  }

  /** Process id. */
  get pid() {
    return this.#child.pid;
  }

  /** Address without a slash at the end, such as `http://127.0.0.1:40123`. */
  get url() {
    return /http:\/\/[^\s/]+/.exec(this.stdout)?.[0];
  }

  /** The address over TLS, of a server with `--lan`. */
  get secureUrl() {
    return this.url.replace("http:", "https:");
  }

  /** Its port. */
  get port() {
    return Number(new URL(this.url).port);
  }

  /** The one-time link that makes the first account; undefined once there is one. */
  get setupUrl() {
    return /https?:\/\/\S+\/setup#token=\S+/.exec(this.stdout)?.[0];
  }

  /** Waits for the printed address and for `/healthz` to answer. */
  async untilReady() {
    await this.until("the server to print its address", () => this.url !== undefined && this.stdout.endsWith("\n"));
    await this.until("/healthz", async () => {
      const answer = await fetch(`${this.url}/healthz`).catch(() => undefined);
      return answer?.ok === true;
    });
  }

  /** Polls until `condition` holds. Throws when time is up or the server has ended. */
  async until(what, condition, limitMs = READY_MS) {
    const end = Date.now() + limitMs;
    while (!(await condition())) {
      const exit = await Promise.race([this.#exit, pause(50)]);
      if (exit !== undefined) {
        throw new Error(`the server ended (${describe(exit)}) while waiting for ${what}\n${this.said()}`);
      }
      if (Date.now() > end) {
        throw new Error(`no ${what} within ${limitMs} ms\n${this.said()}`);
      }
    }
  }

  /** Everything it printed and logged, for error messages. */
  said() {
    return `--- stdout\n${this.stdout}--- log\n${this.log}`;
  }

  /** Asks it to end with SIGTERM, waits, and returns its exit code. Kills it when it does not. */
  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGTERM");
    }
    let exit = await Promise.race([this.#exit, patience(END_MS)]);
    if (exit === undefined) {
      this.#child.kill("SIGKILL");
      exit = await this.#exit;
    }
    if (this.#removeState) {
      await rm(this.stateDir, { recursive: true, force: true });
    }
    return exit.code;
  }

  /** Ends it at once, as a power cut would. */
  async kill() {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }

  /** Lets it hang, with all its connections open, until `resume()`. */
  hang() {
    this.#child.kill("SIGSTOP");
  }

  /** Lets it go on. */
  resume() {
    this.#child.kill("SIGCONT");
  }

  /** Makes an account as somebody at the server would: with `rtm2 user add`, the password on its standard input. */
  async addUser(name, password, flags = []) {
    const run = promisify(execFile)(program(), ["user", "add", name, ...flags, "--state-dir", this.stateDir], {
      env: cleanEnvironment(),
    });
    run.child.stdin.end(`${password}\n`);
    return run;
  }
}

/** The environment without settings of a server that this machine may also run. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RTM2_")));
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined));
}

/** As `pause`, without keeping the test's process alive when the race is over. */
function patience(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}

function describe({ error, code, signal }) {
  return error?.message ?? signal ?? `exit code ${code}`;
}
