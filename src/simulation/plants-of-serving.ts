/** Faults in who serves and what is taken away: broken are R1, R2, R3 or that a writer is alone and never three releases serve. */
import { withMachine } from './plant.ts';
import type { Plant } from './plant.ts';
import * as edges from './planted-edges.ts';
import * as machine from './planted-machine.ts';
import {
  ratesOf,
  mapped,
  keepingNothing,
  writing,
  keepingStopped,
  losingState,
  loweringTtl,
  laggingNames,
  losingLive,
  measuring,
  unasked,
  erring,
} from './planted-worlds.ts';

export const OF_SERVING: readonly Plant[] = [
  {
    name: 'skip-ttl-wait',
    rule: 'R2',
    what: 'deletes groups as soon as their endpoints are gone',
    daemon: withMachine(machine.skipTtlWait),
  },
  {
    name: 'skip-confirmation',
    rule: 'R2',
    what: 'counts the TTL from when ARM shows a removal, though the name servers have not learned of it',
    options: laggingNames,
    daemon: withMachine(machine.skipConfirmation),
  },
  {
    name: 'delete-group-before-endpoint',
    rule: 'R2',
    what: 'deletes a group while its endpoint is still there',
    daemon: withMachine(machine.deleteGroupBeforeEndpoint),
  },
  {
    name: 'stop-before-drained',
    rule: 'R2',
    what: 'stops the groups of a stack that is kept while clients may still be led there',
    options: keepingStopped,
    daemon: withMachine(machine.stopBeforeDrained),
  },
  {
    name: 'count-ttl-from-request-not-observation',
    rule: 'R2',
    what: 'starts the clock of the TTL when it asks for the removal, not when it sees it',
    daemon: (daemon, given) => ({ ...edges.removeSlowly(daemon, given), machine: machine.countTtlFromRequest() }),
  },
  {
    name: 'forget-lowered-ttl',
    rule: 'R2',
    what: 'forgets the TTL that was in force before it was lowered',
    options: loweringTtl,
    daemon: withMachine(machine.forgetLoweredTtl),
  },
  {
    name: 'empty-list-means-gone',
    rule: 'R2',
    what: 'takes a profile that cannot be read for one without endpoints',
    // Where the name servers say nothing, the profile itself is read often while endpoints drain.
    options: (options) => keepingNothing(ratesOf({ armFailsBefore: 0.3, namesFail: 1 })(options)),
    daemon: withMachine(machine.emptyListMeansGone),
  },
  {
    name: 'register-before-verify',
    rule: 'R3',
    what: 'takes every running group for verified',
    daemon: withMachine(machine.registerBeforeVerify),
  },
  {
    name: 'zero-checks-is-healthy',
    rule: 'R3',
    what: 'asks for no success before a group is verified',
    daemon: edges.askForNoSuccess,
  },
  {
    name: 'inconclusive-is-healthy',
    rule: 'checks',
    what: 'takes a check that says neither good nor bad for passed',
    options: measuring,
    daemon: edges.takeVagueForHealthy,
  },
  {
    name: 'blame-nobody',
    rule: 'checks',
    what: 'takes a check that has failed for one that could not be measured',
    options: (options) => erring(measuring(options)),
    daemon: withMachine(machine.blameNobody),
  },
  {
    name: 'rollback-to-unhealthy-side',
    rule: 'R1',
    what: 'goes back to the live stack without having seen that it serves',
    // Nor would a rollout that waits for a person come to where it matters.
    options: (options) => losingLive(unasked(options)),
    daemon: withMachine(machine.rollBackToUnhealthySide),
  },
  {
    name: 'swap-before-verify',
    rule: 'R3',
    what: 'leads endpoints to groups that have not passed verification',
    options: mapped,
    daemon: withMachine(machine.swapBeforeVerify),
  },
  {
    name: 'delete-before-swap-is-seen',
    rule: 'R2',
    what: 'takes an endpoint for led elsewhere as soon as it has asked for it',
    options: mapped,
    daemon: (daemon, given) => ({ ...edges.retargetSlowly(daemon, given), machine: machine.countTtlFromSwapRequest() }),
  },
  {
    name: 'make-second-writer',
    rule: 'writer',
    what: 'makes the new group of a single writer before the old one is gone',
    options: writing,
    daemon: edges.newFirst,
  },
  {
    name: 'overlook-others',
    rule: 'releases',
    what: 'starts a rollout while a stack beside the live one is still in rotation',
    // Rollouts that wait for a person, or fail, would let it show seldom.
    options: (options) => losingState(unasked(options)),
    daemon: edges.overlookOthers,
  },
];
