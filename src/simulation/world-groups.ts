/** What happens to container groups without anybody's doing, and to the regions that they are made in. */
import { MINUTE, SECOND } from '../model/time.ts';
import { isJob } from '../simulator/group.ts';
import type { Group } from '../simulator/group.ts';
import type { Event } from './options.ts';
import { OWNER } from './settings.ts';
import { ownerOf } from './truth.ts';
import type { VirtualAzure } from './virtual-azure.ts';
import type { Happening, Stage } from './world-stage.ts';

const FLAPS = 4;
const FLAP_MS = 25 * SECOND;
/** Longer than the daemon waits for a group. */
const STUCK_MS = 15 * MINUTE;
const SLOWEST_DELETE_MS = 5 * MINUTE;

export const GROUP_EVENTS = {
  crashGroup(event, stage) {
    const group = pickGroup(event, stage.azure, isRunning);
    if (group !== undefined) stage.later(crash(group, stage));
  },

  /** Crashes and comes back, again and again. */
  flapGroup(event, stage) {
    const group = pickGroup(event, stage.azure, isRunning);
    for (let flap = 0; group !== undefined && flap < FLAPS; flap += 1) {
      stage.time.after(flap * 2 * FLAP_MS, () => {
        if (stage.azure.groups.get(group.key) !== group || !isRunning(group)) return;
        stage.time.after(FLAP_MS, crash(group, stage));
      });
    }
  },

  vanishGroup(event, { azure, truth }) {
    const group = pickGroup(event, azure);
    if (group === undefined) return;
    truth.worldBroke(group.key.name);
    azure.groups.remove(group.key);
  },

  /** While it is being created: it comes back. */
  vanishNewGroup(event, { azure, truth }) {
    const group = pickGroup(event, azure, ({ provisioning }) => provisioning === 'Creating');
    if (group === undefined) return;
    truth.worldBroke(group.key.name);
    azure.groups.remove(group.key);
  },

  failGroup(event, { azure, truth }) {
    const group = pickGroup(event, azure);
    if (group === undefined) return;
    truth.worldBroke(group.key.name);
    azure.groups.fail(group, 'The platform has failed it: a fault of the simulation');
  },

  loseIp(event, { azure, truth, later }) {
    const group = pickGroup(event, azure, isRunning);
    if (group === undefined) return;
    truth.worldBroke(group.key.name);
    azure.groups.loseIp(group);
    later(() => {
      truth.worldBroke(group.key.name);
      if (azure.groups.get(group.key) === group) azure.groups.assignIp(group);
    });
  },

  /** Whatever is created for a while is not done before the daemon gives up. */
  stickCreates(_, { azure, later }) {
    azure.groups.trouble.extraCreateMs = STUCK_MS;
    later(() => (azure.groups.trouble.extraCreateMs = 0));
  },

  fillRegion({ which }, { azure, later }) {
    const location = which < 0.5 ? 'westeurope' : 'northeurope';
    azure.groups.trouble.full.add(location);
    later(() => azure.groups.trouble.full.delete(location));
  },

  spendQuota({ which }, { azure, later }) {
    const location = which < 0.5 ? 'westeurope' : 'northeurope';
    azure.groups.trouble.spent.add(location);
    later(() => azure.groups.trouble.spent.delete(location));
  },

  /** What is deleted for a while is there for some time still. */
  slowDeletes({ which }, { azure, later }) {
    azure.groups.trouble.deleteMs = SECOND + Math.floor(which * SLOWEST_DELETE_MS);
    later(() => (azure.groups.trouble.deleteMs = 0));
  },
} satisfies Partial<Record<Event['kind'], Happening>>;

/** Gives back what heals it. */
function crash(group: Group, { azure, truth }: Stage): () => void {
  truth.worldBroke(group.key.name);
  const { crash: before } = group.program;
  azure.groups.setProgram(group, { crash: true });
  return () => {
    truth.worldBroke(group.key.name);
    if (azure.groups.get(group.key) === group && isRunning(group)) azure.groups.setProgram(group, { crash: before });
  };
}

/** Jobs aside: what the world does to their programs cannot be told from what they do themselves. */
function isRunning(group: Group): boolean {
  return !isJob(group) && group.state === 'Running' && group.provisioning === 'Succeeded';
}

/** Of the app's own groups. */
export function pickGroup(
  { app, which }: Event,
  azure: VirtualAzure,
  isWanted: (group: Group) => boolean = () => true,
): Group | undefined {
  const own = azure.groups
    .all()
    .filter((group) => ownerOf(group) === OWNER && group.key.name.startsWith(`${app}-`) && isWanted(group));
  return own[Math.floor(which * own.length)];
}
