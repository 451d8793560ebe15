/** The group of a job: what it shares with the groups of its app, in its own location. */
import { expect, test } from 'vitest';
import { renderJob } from '../../src/config/render-job.ts';
import { withVariants } from '../../src/config/templates/variants.ts';
import { app, stack } from '../rollout/world.ts';

test('has the network and the credentials that its location has', () => {
  const plain = {
    properties: { osType: 'Linux', subnetIds: [{ id: 'west' }], containers: [{ name: 'web', properties: {} }] },
  };
  const document = withVariants(plain, [
    { location: 'northeurope', set: { properties: { subnetIds: [{ id: 'north' }] } } },
    { replica: 1, set: { properties: { subnetIds: [{ id: 'of one group' }] } } },
  ]);
  const render = (location: string) =>
    renderJob({
      app: { ...app, template: { ...app.template, document } },
      owner: 'us',
      rolloutId: '0123abcd',
      job: {
        kind: 'createJob',
        group: { name: 'job', location, replica: 1, endpoint: 'none' },
        check: 'smoke',
        source: {
          kind: 'job',
          image: 'candidate',
          container: 'check',
          command: undefined,
          cpu: 1,
          memoryGb: 1,
          deadlineMs: 1000,
        },
        stack: stack('0123abcd', '1.0.0'),
        phase: 'before',
        targets: [],
      },
    });
  expect(render('westeurope')).toMatchObject({ properties: { subnetIds: [{ id: 'west' }] } });
  expect(render('northeurope')).toMatchObject({ properties: { subnetIds: [{ id: 'north' }] } });
});
