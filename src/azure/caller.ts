/**
 * For whom something is asked of Azure. It travels with the call through the SDK, in an async context, to the rate
 * limiter and the fence, which see no more than a request.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * First what brings back what served (`rollback`), then what mends what serves and frees what is not needed (`high`), then
 * what is new (`ordinary`).
 */
export const PRIORITIES = ['rollback', 'high', 'ordinary'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** False where another daemon may drive the app by now. */
export type Fence = () => boolean;

export interface Caller {
  /** Apps take turns. */
  readonly app: string;
  readonly priority: Priority;
}

/** Who changes something: it is sent only while the fence is open. */
export interface Changer extends Caller {
  readonly fence: Fence;
}

const NOBODY: Caller = { app: '', priority: 'ordinary' };

const callers = new AsyncLocalStorage<Caller & { readonly fence?: Fence }>();

/** Whatever `act` sends is sent for this caller; for nobody, and last, where it is undefined. */
export function onBehalf<Result>(caller: Caller | Changer | undefined, act: () => Promise<Result>): Promise<Result> {
  return callers.run(caller ?? NOBODY, act);
}

export function currentCaller(): Caller & { readonly fence?: Fence } {
  return callers.getStore() ?? NOBODY;
}
