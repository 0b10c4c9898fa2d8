// A network camera: sends MJPEG over HTTP on loopback, and fails on demand.

import http from "node:http";

/** Starts it; it sends `jpegs` in turn, `fps` of them a second. */
export async function startCamera(jpegs, { fps = 10, port = 0 } = {}) {
  const camera = new Camera(jpegs);
  await camera.listen(port);
  camera.send(fps);
  return camera;
}

class Camera {
  #jpegs;
  #next = 0;
  #server;
  #viewers = new Set();
  #timer;
  #silent = false;

  constructor(jpegs) {
    this.#jpegs = jpegs;
    this.#server = http.createServer((_, response) => {
      response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=next" });
      this.#viewers.add(response);
      response.on("close", () => this.#viewers.delete(response));
    });
  }

  listen(port) {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        this.port = this.#server.address().port;
        this.url = `http://127.0.0.1:${this.port}/video`;
        resolve();
      });
    });
  }

  send(fps) {
    this.#timer = setInterval(() => {
      if (this.#silent) {
        return;
      }
      const jpeg = this.#jpegs[this.#next % this.#jpegs.length];
      this.#next += 1;
      for (const viewer of this.#viewers) {
        viewer.write(`--next\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`);
        viewer.write(jpeg);
        viewer.write("\r\n");
      }
    }, 1000 / fps);
  }

  /** Sends nothing while `silent`, and keeps its connections. */
  set silent(silent) {
    this.#silent = silent;
  }

  /** Is unplugged: connections break, and nobody answers any more. */
  async stop() {
    clearInterval(this.#timer);
    for (const viewer of this.#viewers) {
      viewer.destroy();
    }
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
