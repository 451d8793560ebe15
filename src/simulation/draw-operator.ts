/**
 * What people say to the daemons of a seed: any command at any time and in any state, some of them twice or by several
 * people at once. They know little of what goes on, as people do.
 */
import type { Command } from '../model/command.ts';
import { MINUTE, SECOND } from '../model/time.ts';
import type { Chance } from './chance.ts';

/** One command that a person means to give, so many milliseconds after the start. */
export interface Order {
  readonly at: number;
  readonly app: string;
  readonly kind: Command['kind'];
  /** So many people, at once. */
  readonly people: number;
  /** Below 1: picks whom it is said to first, and which release is meant. */
  readonly which: number;
  /** Of promote: past all further waits. */
  readonly isFull: boolean;
  /** With the id of the rollout that is under way. */
  readonly isBound: boolean;
  /** Of bypass. */
  readonly forMs: number;
}

export interface OperatorOptions {
  readonly orders: readonly Order[];
  /** Who makes all move at the end also asks for what was called off. */
  readonly retries: boolean;
}

/** Some come after the faults, when the newest version is there. */
const AFTER_FAULTS_MS = 8 * MINUTE;
const LATE: Partial<Record<Order['kind'], number>> = { rollback: 0.6 };

const KINDS = [
  'promote',
  'promote',
  'pause',
  'pause',
  'abort',
  'abort',
  'rollback',
  'rollback',
  'retry',
  'retry',
  'hold',
  'release',
  'bypass',
] as const;

export function drawOperator(chance: Chance, apps: readonly string[], faultMs: number): OperatorOptions | undefined {
  if (chance.happens(0.5)) return undefined;
  const orders = Array.from({ length: chance.whole(1, 8) }, () => drawOrders(chance, apps, faultMs)).flat();
  return { orders: orders.sort((a, b) => a.at - b.at), retries: chance.happens(0.5) };
}

function drawOrders(chance: Chance, apps: readonly string[], faultMs: number): readonly Order[] {
  const kind = chance.pick(KINDS);
  const first: Order = {
    at: chance.happens(LATE[kind] ?? 0.3) ? faultMs + chance.whole(0, AFTER_FAULTS_MS) : chance.whole(0, faultMs),
    app: apps[Math.floor(chance.next() * apps.length)] ?? 'app1',
    kind,
    people: chance.pick([1, 1, 1, 2, 3]),
    which: chance.next(),
    isFull: chance.happens(0.3),
    isBound: chance.happens(0.2),
    forMs: chance.happens(0.2) ? 0 : chance.whole(1, 20) * MINUTE,
  };
  const opposite = OPPOSITES[first.kind];
  if (opposite === undefined || chance.happens(0.3)) return [first];
  return [first, { ...first, at: first.at + chance.whole(5 * SECOND, 5 * MINUTE), kind: opposite }];
}

/** What is mostly said some time later. */
const OPPOSITES: Partial<Record<Order['kind'], Order['kind']>> = { pause: 'resume', hold: 'release', abort: 'retry' };
