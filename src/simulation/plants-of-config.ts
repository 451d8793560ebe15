/** Faults in how a changed config is taken up, and in what was taken over before the first start. */
import type { Plant } from './plant.ts';
import * as adopted from './planted-adopted.ts';
import * as config from './planted-config.ts';

export const OF_CONFIG: readonly Plant[] = [
  {
    name: 'reload-changes-plan',
    rule: 'config',
    what: 'lets a changed config count for the rollout that is under way',
    options: config.editing,
    daemon: config.changeUnderWay,
  },
  {
    name: 'ignore-reload',
    rule: 'config',
    what: 'goes by the config of its start, whatever comes after it',
    options: config.editing,
    daemon: config.neverReload,
  },
  {
    name: 'retire-what-is-kept',
    rule: 'config',
    what: 'takes away what has left the config, although that says to keep it',
    options: config.removing,
    daemon: config.retireAll,
  },
  {
    name: 'forget-adopted-endpoints',
    rule: 'releases',
    what: 'never sees the endpoints that came with what was taken over',
    options: adopted.adopting,
    daemon: adopted.forgetEndpoints,
  },
];
