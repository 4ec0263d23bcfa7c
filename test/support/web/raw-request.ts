import { connect } from 'node:net';

/** What came back over a connection of its own, and how long until the other side ended it. */
export type RawAnswer = { readonly text: string; readonly status: number; readonly milliseconds: number };

/**
 * Sends bytes as they are, each piece after the pause before it, and reads until the other side hangs up or `patience` is
 * over: what no client would send, and a client that does not come to an end.
 */
export async function sendRaw(
  port: number,
  pieces: readonly (string | Buffer)[],
  options: { readonly pauseMs?: number; readonly patienceMs?: number } = {},
): Promise<RawAnswer> {
  const startedAt = performance.now();
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    let sent = 0;
    const sendNext = () => {
      const piece = pieces[sent];
      sent += 1;
      if (piece !== undefined && socket.writable) socket.write(piece);
    };
    const pace = setInterval(sendNext, options.pauseMs ?? 1);
    const end = setTimeout(() => socket.destroy(), options.patienceMs ?? 5_000);
    socket.on('connect', sendNext);
    socket.on('data', (chunk) => chunks.push(chunk));
    // A connection that is cut while we write is an answer as well.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearInterval(pace);
      clearTimeout(end);
      const text = Buffer.concat(chunks).toString('latin1');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      resolve({ text, status, milliseconds: performance.now() - startedAt });
    });
  });
}
