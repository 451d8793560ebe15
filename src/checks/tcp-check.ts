/** A connection to each group, closed as soon as it stands. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TcpSource } from '../model/check.ts';
import type { Asking } from './context.ts';
import { errorReading, messageOf, worst } from './reading.ts';
import type { Reading } from './reading.ts';

export async function checkTcp(source: TcpSource, asking: Asking): Promise<Reading> {
  const readings = asking.targets.map((target) => checkOne(target, source.port, asking));
  return worst(await Promise.all(readings), 'group');
}

async function checkOne(target: string, port: number, asking: Asking): Promise<Reading> {
  const { clock, signal, timeoutMs } = asking;
  const name = `${target}:${port}`;
  let where: { host: string; port: number };
  try {
    where = await asking.resolve(target, port);
  } catch (error) {
    return errorReading(`${target} was not resolved: ${messageOf(error)}`);
  }
  const startedAt = clock.now();
  const socket = connect({ ...where, autoSelectFamily: true });
  // What comes after the connection stands is of no interest.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect', { signal });
    return { kind: 'success', detail: `${name}: connected in ${clock.now() - startedAt} ms` };
  } catch (error) {
    if (signal.aborted) return { kind: 'failure', detail: `${name}: no connection within ${timeoutMs} ms` };
    const isUnknown = /ENOTFOUND|EAI_/.test(messageOf(error));
    return { kind: isUnknown ? 'error' : 'failure', detail: `${name}: ${messageOf(error)}` };
  } finally {
    socket.destroy();
  }
}
