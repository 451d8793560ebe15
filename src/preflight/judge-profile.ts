/**
 * Whether a profile can lead traffic to an app: that it fits (as the daemon judges it before each rollout), how long its TTL
 * makes a rollout, and whether its monitor asks what the probe asks. Pure.
 */
import { ourEndpoints } from '../controller/inventory.ts';
import { misfitOf } from '../controller/profile-fit.ts';
import type { App, ProbeSettings, TrafficSettings } from '../model/app.ts';
import type { Stack } from '../rollout/effect.ts';
import type { ObservedGroup, ObservedMonitor, ObservedProfile } from '../rollout/observation.ts';
import { fail, fine, splitAdvice, warn } from './line.ts';
import type { Place, PreflightLine } from './line.ts';
import type { Looked } from './looked.ts';

export interface ProfileGiven {
  readonly app: App;
  readonly traffic: TrafficSettings;
  readonly owner: string;
  readonly profile: Looked<ObservedProfile | undefined>;
  readonly live: Stack | undefined;
  readonly candidate: Stack;
  /** Of the app's resource group, whose tags tell which endpoints were taken over. */
  readonly groups: readonly ObservedGroup[];
}

/** Both stacks stand for as long as this in each rollout. */
const LONG_TTL_SECONDS = 600;
const MOST_NAMED = 5;

export function judgeProfile(given: ProfileGiven): readonly PreflightLine[] {
  const { app, traffic, profile: looked } = given;
  const place = { subject: `profile ${traffic.profile}`, app: app.name };
  const missing = unseen(looked, place, traffic.resourceGroup);
  if (missing !== undefined) return [missing];
  const profile = looked.known ? looked.value : undefined;
  if (profile === undefined) return [];
  const misfit = misfitOf({ ...given, profile, strategy: app.rollout.strategy });
  const lines = [
    ...(misfit === undefined ? [] : [misfitLine(misfit, profile, place)]),
    ...judgeTtl(profile, place),
    ...(profile.monitor === undefined || app.probe === undefined
      ? []
      : judgeMonitor(profile.monitor, app.probe, place)),
  ];
  return lines.length > 0 ? lines : [fine(place, `fits: ${describe(profile, given)}`)];
}

export function judgeParent(
  parent: { readonly resourceGroup: string; readonly profile: string },
  looked: Looked<ObservedProfile | undefined>,
  app: string,
): readonly PreflightLine[] {
  const place = { subject: `parent profile ${parent.profile}`, app };
  const missing = unseen(looked, place, parent.resourceGroup);
  if (missing !== undefined) return [missing];
  const profile = looked.known ? looked.value : undefined;
  if (profile === undefined) return [];
  const ttl = judgeTtl(profile, place);
  return ttl.length > 0 ? ttl : [fine(place, `is read; TTL ${profile.ttlSeconds} s`)];
}

function unseen(
  looked: Looked<ObservedProfile | undefined>,
  place: Place,
  resourceGroup: string,
): PreflightLine | undefined {
  if (!looked.known)
    return fail(place, `cannot be read: ${looked.reason}`, 'see docs/security.md for the rights that are needed on it');
  if (looked.value !== undefined) return undefined;
  return fail(
    place,
    `is not in resource group ${resourceGroup}`,
    'make it, or correct traffic.profile, traffic.resourceGroup or traffic.parents',
  );
}

function misfitLine(misfit: string, { name }: ObservedProfile, place: Place): PreflightLine {
  const { message, advice } = splitAdvice(misfit, 'see docs/traffic.md, "What does not fit"');
  return fail(place, message.replace(`Traffic Manager profile ${name} `, ''), advice);
}

function judgeTtl({ ttlSeconds }: ObservedProfile, place: Place): readonly PreflightLine[] {
  if (ttlSeconds === 0)
    return [
      warn(
        place,
        'TTL is 0 s: clients ask anew for each connection, and some resolvers hold answers all the same',
        'set a TTL of 10 to 60 s',
      ),
    ];
  if (ttlSeconds <= LONG_TTL_SECONDS) return [];
  return [
    warn(
      place,
      `TTL is ${ttlSeconds} s: each rollout keeps both stacks for at least so long`,
      `set a TTL of ${LONG_TTL_SECONDS} s or less; what clients hold already counts until then`,
    ),
  ];
}

/** A group that has proven itself by the probe should be Online for Traffic Manager too. */
function judgeMonitor(monitor: ObservedMonitor, probe: ProbeSettings, place: Place): readonly PreflightLine[] {
  const { protocol, port, path = '/', statuses = [{ from: 200, to: 200 }] } = monitor;
  const asked = `${probe.scheme.toUpperCase()} port ${probe.port}`;
  const monitored = `its monitor asks ${protocol} port ${port}`;
  const advice = 'let probe and monitor ask the same, so that what is verified comes Online';
  if (protocol.toUpperCase() === 'TCP')
    return port === probe.port
      ? []
      : [warn(place, `its monitor connects to port ${port}, the probe asks ${asked}`, advice)];
  if (probe.scheme === 'tcp')
    return [warn(place, `${monitored} for ${path}, the probe connects to port ${probe.port} and asks nothing`, advice)];
  if (protocol.toUpperCase() !== probe.scheme.toUpperCase() || port !== probe.port)
    return [warn(place, `${monitored}, the probe ${asked}`, advice)];
  if (path !== probe.path) return [warn(place, `its monitor asks for ${path}, the probe for ${probe.path}`, advice)];
  const both = statuses.some((a) => probe.statuses.some((b) => a.from <= b.to && b.from <= a.to));
  if (both) return [];
  return [
    warn(place, `its monitor expects status ${rangesText(statuses)}, the probe ${rangesText(probe.statuses)}`, advice),
  ];
}

function rangesText(ranges: readonly { readonly from: number; readonly to: number }[]): string {
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

function describe(profile: ObservedProfile, { app, owner, groups, live }: ProfileGiven): string {
  const { routingMethod, ttlSeconds, monitor, endpoints } = profile;
  const monitored = monitor === undefined ? '' : `, monitored by ${monitor.protocol} at port ${monitor.port}`;
  // By the stored state, too, where groups cannot be listed.
  const served = (live?.groups ?? []).map(({ endpoint }) => endpoint);
  const own = new Set([...ourEndpoints({ app, owner, groups, profile }).map(({ name }) => name), ...served]);
  const others = endpoints.map(({ name }) => name).filter((name) => !own.has(name));
  const named = others.slice(0, MOST_NAMED).join(', ');
  const more = others.length > MOST_NAMED ? ` and ${others.length - MOST_NAMED} more` : '';
  const left = others.length === 0 ? '' : ` (${named}${more} of others, left alone)`;
  return `${routingMethod}, TTL ${ttlSeconds} s${monitored}, ${endpoints.length} endpoints${left}`;
}
