// Binary messages as docs/protocol.md describes them.

/** Kinds of binary messages. */
export const [FRAME, TILES] = [1, 2];

const [MOTION, KEY, REPLAY] = [1, 2, 8];

/** The header of a binary message; `base` and `head`, whether the sheet's head is sent, are undefined for whole pictures. */
export function readHeader(payload) {
  const flags = payload.readUInt16LE(6);
  const [kind, end] = [payload[0], 32 + 10 * payload.readUInt16LE(30)];
  return {
    kind,
    seq: Number(payload.readBigUInt64LE(8)),
    at: Number(payload.readBigInt64LE(16)),
    motion: (flags & MOTION) !== 0,
    replay: (flags & REPLAY) !== 0,
    skipped: flags >> 8,
    base: kind === TILES ? Number(payload.readBigUInt64LE(end)) : undefined,
    head: kind === TILES ? payload.readUInt16LE(end + 12) > 0 : undefined,
  };
}

/** A copy of a message as another frame of a camera, taken just now. */
export function renumber(payload, { camera, seq, base }) {
  const copy = Buffer.from(payload);
  const boxes = copy.readUInt16LE(30);
  copy.writeUInt16LE(camera, 4);
  copy.writeUInt16LE(copy[0] === FRAME ? MOTION | KEY : MOTION, 6);
  copy.writeBigUInt64LE(BigInt(seq), 8);
  copy.writeBigInt64LE(BigInt(Date.now()) * 1000n, 16);
  if (copy[0] === TILES) {
    copy.writeBigUInt64LE(BigInt(base), 32 + 10 * boxes);
  }
  return copy;
}
