/**
 * What is kept of releases that were live: their stacks for as long as the config says, out of rotation, running or
 * stopped, so that the way back makes nothing; after that their images and templates, so that it can be made anew. Pure.
 */
import type { App, GroupTemplate, Retain } from '../model/app.ts';
import type { Release } from '../model/release.ts';
import type { Instant } from '../model/time.ts';
import type { Stack } from '../rollout/effect.ts';
import { groupsIn } from '../rollout/state.ts';
import type { Proof, Rollout, Step } from '../rollout/state.ts';
import { hasKeptFailed, isKeptOn } from '../rollout/turn-back.ts';
import type { AppState } from './app-state.ts';

/** A stack that was live, or a candidate that failed, and is still there, out of rotation. */
export interface Retained {
  /** It failed: nobody goes back to it. It was live where absent. */
  readonly kind?: 'failed' | undefined;
  readonly stack: Stack;
  /** What `retain` made of it; it stays running where absent. */
  readonly as?: 'stopped' | undefined;
  /** By group; what has not restarted since needs no second proof. */
  readonly proofs: Readonly<Record<string, Proof>>;
  /** Absent: until newer ones push it out, or the config keeps nothing any more. */
  readonly until?: Instant | undefined;
}

/** A release that was live. */
export interface FormerRelease {
  readonly release: Release;
  /** When it went live. */
  readonly at: Instant;
}

const MOST_RELEASES = 10;
/** Of failed candidates: the newest is the one that is looked at. */
const MOST_FAILED = 1;
/** Larger templates are not kept: what ran by them cannot be made anew once the config has another one. */
const LARGEST_TEMPLATE = 256 * 1024;

/** The state after `rollout` has succeeded: its candidate is live, and what it replaced is kept as the settings say. */
export function goLive(state: AppState, rollout: Rollout, at: Instant): AppState {
  const { live, candidate, settings } = rollout;
  if (candidate === undefined) return state;
  const others = state.retained.filter(({ stack }) => stack.id !== candidate.id && stack.id !== live?.id);
  const { retain } = settings;
  const isKept = live !== undefined && retain !== undefined && hasKept(rollout);
  const kept = isKept ? [keepFormer(live, retain, { proofs: state.liveProofs, at })] : [];
  const earlier = state.releases.filter(({ release }) => release.id !== candidate.release.id);
  const releases = [...earlier, { release: candidate.release, at }].slice(-MOST_RELEASES);
  return { ...state, live: candidate, liveProofs: rollout.proofs, retained: [...others, ...kept], releases };
}

/** What was stopped proves itself anew once it is started: it is another deployment by then. */
function keepFormer(
  stack: Stack,
  { forMs, as }: Retain,
  { proofs, at }: { proofs: Retained['proofs']; at: Instant },
): Retained {
  const until = forMs === undefined ? undefined : at + forMs;
  return as === 'stopped' ? { as, stack, proofs: {}, until } : { stack, proofs, until };
}

/** What is known of the live stack's groups after `rollout` has ended without success: what it deleted or stopped has lost its proof. */
export function proofsAfter(
  proofs: Readonly<Record<string, Proof>>,
  rollout: Rollout,
): Readonly<Record<string, Proof>> {
  const entered = rollout.backPlan === undefined ? rollout.plan.slice(0, rollout.cursor + 1) : rollout.plan;
  const gone = new Set(
    entered
      .filter(({ kind, side }) => (kind === 'retire' || kind === 'stop') && side === 'live')
      .flatMap((step) => groupNames(rollout, step)),
  );
  const own = new Set((rollout.live?.groups ?? []).map(({ name }) => name));
  const kept = Object.entries(proofs).filter(([name]) => !gone.has(name));
  const seen = Object.entries(rollout.proofs).filter(([name]) => own.has(name));
  return Object.fromEntries([...kept, ...seen]);
}

function groupNames(rollout: Rollout, step: Step): readonly string[] {
  return groupsIn(rollout, step).map(({ name }) => name);
}

/** True where its plan left the live stack standing. */
function hasKept({ plan }: Rollout): boolean {
  return !plan.some(({ kind, side }) => kind === 'retire' && side === 'live');
}

/**
 * The state after a rollout has left its failed candidate standing, for somebody to look at it, or has put a kept one back as
 * it was.
 */
export function keepFailed(state: AppState, rollout: Rollout, at: Instant): AppState {
  const { candidate, proofs, settings, kept: former } = rollout;
  if (candidate !== undefined && former !== undefined && isKeptOn(rollout)) {
    const kept: Retained = { as: 'stopped', stack: candidate, proofs: {}, until: former.until };
    return askAgain({ ...state, retained: [...state.retained, kept] }, rollout);
  }
  if (candidate === undefined || !hasKeptFailed(rollout, at)) return state;
  const kept: Retained = { kind: 'failed', stack: candidate, proofs, until: at + (settings.keepFailedMs ?? 0) };
  return { ...state, retained: [...state.retained, kept] };
}

/** There was no room for what an operator wants back: it is wanted still, and tried later. Not where somebody called it off. */
function askAgain(state: AppState, { candidate, kept, turnedBack }: Rollout): AppState {
  if (candidate === undefined || kept === undefined) return state;
  if (turnedBack?.outcome !== 'RolledBack' || turnedBack.fault !== 'world') return state;
  const { by, name, at } = kept;
  return { ...state, operator: { ...state.operator, rollback: { to: candidate.release.id, name, by, at } } };
}

/** What is kept no more: its time is over, there are too many of them, or the config keeps nothing now. Oldest first. */
export function noLongerKept(
  { retained }: AppState,
  { retain, keepFailedMs = 0 }: App['rollout'],
  now: Instant,
): readonly Stack[] {
  const failed = retained.filter(({ kind }) => kind === 'failed');
  const former = retained.filter(({ kind }) => kind !== 'failed');
  const tooMany = new Set([
    ...former.slice(0, Math.max(0, former.length - (retain?.count ?? 0))),
    ...failed.slice(0, Math.max(0, failed.length - (keepFailedMs === 0 ? 0 : MOST_FAILED))),
  ]);
  return retained.filter((one) => now >= (one.until ?? Infinity) || tooMany.has(one)).map(({ stack }) => stack);
}

/** Whatever is made from now on may have to be made again when the config has another template. */
export function rememberTemplate(state: AppState, { template }: App): AppState {
  const { hash, document, folder } = template;
  if (JSON.stringify(document).length > LARGEST_TEMPLATE) return state;
  if (state.templates[hash] !== undefined)
    return {
      ...state,
      templates: { ...state.templates, [hash]: document },
      folders: withFolder(state.folders, hash, folder),
    };
  const needed = new Set([
    ...state.releases.map(({ release }) => release.templateHash),
    ...state.retained.map(({ stack }) => stack.release.templateHash),
    state.live?.release.templateHash,
  ]);
  const kept = <Value>(all: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => needed.has(key)));
  const templates = { ...kept(state.templates), [hash]: document };
  return { ...state, templates, folders: withFolder(kept(state.folders), hash, folder) };
}

/** Where the same template has moved, it is found where it is now. */
function withFolder(folders: AppState['folders'], hash: string, folder: string | undefined): AppState['folders'] {
  return folder === undefined ? folders : { ...folders, [hash]: folder };
}

/** The template of a release: the config's, or the one that it was made by; undefined where neither is there. */
export function templateOf(
  { templates, folders }: Pick<AppState, 'templates' | 'folders'>,
  { template }: App,
  { templateHash: hash }: Release,
): GroupTemplate | undefined {
  if (hash === template.hash) return template;
  const document = templates[hash];
  return document === undefined ? undefined : { ...template, document, folder: folders[hash] ?? template.folder };
}
