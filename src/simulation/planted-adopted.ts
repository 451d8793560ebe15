/** A fault planted in what was taken over, and the world where every app is. */
import type { DaemonGiven } from '../controller/daemon.ts';
import { TAGS } from '../model/ownership.ts';
import type { ObservedGroup } from '../rollout/observation.ts';
import { groupsToAdopt } from './draw-adopted.ts';
import type { Options } from './options.ts';

/** Of one way of switching, by names. */
export function adopting(options: Options): Options {
  const apps = options.apps.map((app) => {
    const own = {
      ...app,
      hasTraffic: true,
      hasProbe: true,
      routing: { method: 'Weighted' as const },
      rollout: { strategy: { kind: 'blueGreen' as const } },
    };
    return { ...own, adopted: groupsToAdopt(own) };
  });
  return { ...options, apps };
}

/** Their endpoints are looked for under the names that ours have. */
export function forgetEndpoints(daemon: DaemonGiven): DaemonGiven {
  const { azure } = daemon;
  const forget = (group: ObservedGroup): ObservedGroup => {
    const tags = Object.entries(group.tags).filter(([name]) => name !== TAGS.endpoint);
    return { ...group, tags: Object.fromEntries(tags) };
  };
  return {
    ...daemon,
    azure: {
      ...azure,
      getGroup: async (...get) => {
        const seen = await azure.getGroup(...get);
        return seen.known && seen.value !== undefined ? { ...seen, value: forget(seen.value) } : seen;
      },
      listGroups: async (...list) => {
        const seen = await azure.listGroups(...list);
        return seen.known ? { ...seen, value: seen.value.map(forget) } : seen;
      },
    },
  };
}
