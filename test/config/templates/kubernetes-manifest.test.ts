import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { asList, asObject, asText } from '../../../src/config/json.ts';
import { deployment, firstContainer, POD_HEAD, problemsOf, properties, translate } from './kubernetes-texts.ts';

describe('a whole manifest', () => {
  test('has everything that has a counterpart translated', () => {
    const found = translate(readFileSync('test/config/templates/everything.kubernetes.yaml', 'utf8'));
    const group: unknown = parse(readFileSync('test/config/templates/everything.group.yaml', 'utf8'));
    expect(found.document).toEqual(group);
    expect(found.replicas).toBe(3);
    expect(found.warnings).toEqual(WARNINGS);
  });

  test('may be JSON, a list, or a single pod', () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'web', image: 'r.example/web:1' }], restartPolicy: 'OnFailure' },
    };
    const list = { apiVersion: 'v1', kind: 'List', items: [pod] };
    for (const text of [pod, list, { ...list, items: [list] }].map((one) => JSON.stringify(one, undefined, 2))) {
      expect(translate(text)).toMatchObject({ replicas: undefined });
      expect(properties(translate(text))['restartPolicy']).toBe('OnFailure');
    }
  });

  test('has anchors, aliases and merge keys followed', () => {
    const text = `${POD_HEAD}
  containers:
    - &base { name: web, image: r.example/web:1, env: &env [{ name: A, value: b }] }
    - { <<: *base, name: other }
`;
    expect(asList(properties(translate(text))['containers'])).toMatchObject([
      { name: 'web', properties: { image: 'r.example/web:1', environmentVariables: [{ name: 'A', value: 'b' }] } },
      { name: 'other', properties: { image: 'r.example/web:1', environmentVariables: [{ name: 'A', value: 'b' }] } },
    ]);
  });
});

describe('what runs', () => {
  const two = `${deployment('web')}---\n${deployment('api')}`;

  test('is chosen by its name, or by kind and name', () => {
    expect(properties(translate(two, 'api'))).toEqual(properties(translate(deployment('api'))));
    expect(translate(two, 'Deployment/web').warnings.join()).toContain('Deployment/api');
  });

  test('is asked for where several could be meant', () => {
    expect(() => translate(two)).toThrow('more than one thing to run: Deployment/web, Deployment/api');
    expect(() => translate(two, 'wen')).toThrow('nothing called "wen" to run');
    expect(() => translate(`${two}---\n${deployment('api').replace('Deployment', 'StatefulSet')}`, 'api')).toThrow(
      'more than one thing to run: Deployment/api, StatefulSet/api',
    );
  });

  test.each(['StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'])(
    'is no %s, which is refused by name',
    (kind) => {
      expect(() => translate(deployment('web').replace('Deployment', kind))).toThrow(`${kind}/web is refused: `);
    },
  );

  test('that is refused by its kind has that pointed at, with what to do', () => {
    const stateful = deployment('db').replace('Deployment', 'StatefulSet');
    const [alone] = problemsOf(stateful);
    expect(alone).toMatchObject({ line: 2, column: 7, hint: 'run it elsewhere, or write a Deployment of its pod' });
    const [chosen] = problemsOf(`${stateful}---\n${deployment('web')}`, 'db');
    expect(chosen?.hint).toBe('choose another by template.resource, such as "Deployment/web"');
  });

  test('beside objects without metadata has those named by their kind', () => {
    const others = `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n---
apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems: []\n---\n`;
    expect(translate(others + deployment('web')).warnings.join('\n')).toContain('Kustomization, RoleList');
  });

  test('beside objects that mean nothing to a group has those named', () => {
    const others = ['Ingress', 'HorizontalPodAutoscaler', 'ServiceAccount', 'Namespace', 'NetworkPolicy'];
    const text = others.map(
      (kind) => `apiVersion: example/v1\nkind: ${kind}\nmetadata: { name: x }\nspec: { any: 1 }\n---\n`,
    );
    const { warnings } = translate(text.join('') + deployment('web'));
    for (const kind of others) expect(warnings.join('\n')).toContain(`${kind}/x`);
  });

  test('has one replica where it does not say how many', () => {
    expect(translate(deployment('web')).replicas).toBe(1);
  });
});

describe('a public address', () => {
  const withPorts = deployment('web', 'ports: [{ name: http, containerPort: 80 }, { containerPort: 9090 }]');
  const service = (spec: string, annotations = '') =>
    `---\napiVersion: v1\nkind: Service\nmetadata: { name: web${annotations} }\nspec: { selector: { app: web }, ${spec} }\n`;
  const address = (text: string) => properties(translate(text))['ipAddress'];

  test('has the ports that a load balancer leads to, and no others', () => {
    const http = { type: 'Public', ports: [{ port: 80, protocol: 'TCP' }] };
    expect(address(withPorts + service('type: LoadBalancer, ports: [{ port: 80, targetPort: http }]'))).toEqual(http);
    expect(address(withPorts + service('type: LoadBalancer, ports: [{ port: 80 }]'))).toEqual(http);
  });

  test.each([
    ['there is no Service', ''],
    ['it is of a cluster only', service('ports: [{ port: 80 }]')],
    ['it opens ports of nodes', service('type: NodePort, ports: [{ port: 80 }]')],
    ['it selects other pods', service('type: LoadBalancer, ports: [{ port: 80 }]').replace('app: web', 'app: other')],
    ['it selects nothing', service('type: LoadBalancer, ports: [{ port: 80 }]').replace('{ app: web }', '{}')],
    [
      'the load balancer is internal',
      service(
        'type: LoadBalancer, ports: [{ port: 80 }]',
        ', annotations: { service.beta.kubernetes.io/azure-load-balancer-internal: "true" }',
      ),
    ],
  ])('is not there where %s', (_, text) => {
    expect(address(withPorts + text)).toBeUndefined();
    expect(translate(withPorts + text).warnings.join('\n')).toContain('no public address');
  });
});

describe('environment variables', () => {
  const variables = (container: string, after = '') => {
    const found = translate(deployment('web', container) + after);
    return { warnings: found.warnings, list: firstContainer(found)['environmentVariables'] };
  };
  const secret = (rest: string) => `---\napiVersion: v1\nkind: Secret\nmetadata: { name: s${rest}\n`;

  test('are expanded as Kubernetes does', () => {
    const env = `env:
            - { name: A, value: one }
            - { name: B, value: "$(A)-$$(A)-$(LATER)-$(A-$x-$" }
            - { name: LATER, value: x }`;
    expect(variables(env).list).toEqual([
      { name: 'A', value: 'one' },
      { name: 'B', value: 'one-$(A)-$(LATER)-$(A-$x-$' },
      { name: 'LATER', value: 'x' },
    ]);
  });

  test('that have a secret in them are secret, and keep the reference', () => {
    const env = `env:
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: s, key: p } } }
            - { name: URL, value: "db://u:$(PASSWORD)@h" }`;
    const password = { env: 'DB_PASSWORD' };
    expect(variables(env, secret(', annotations: { viridian/secret.p: "env:DB_PASSWORD" } }'))).toEqual({
      warnings: [],
      list: [
        { name: 'PASSWORD', secureValue: password },
        { name: 'URL', secureValue: { join: ['db://u:', password, '@h'] } },
      ],
    });
    const open = variables(env, secret(' }\nstringData: { p: hush, q: other }'));
    expect(open.list).toContainEqual({ name: 'URL', secureValue: 'db://u:hush@h' });
    expect(open.warnings).toHaveLength(1);
    expect(open.warnings[0]).toMatch(/^web\.yaml:\d+:\d+: Secret "s" stands in plain text in this file \(p\)/);
    expect(open.warnings[0]).not.toContain('hush');
  });

  test('come whole from Secrets and ConfigMaps; what is optional may be missing; later ones win', () => {
    const env = `envFrom:
            - { prefix: C_, configMapRef: { name: c } }
            - { secretRef: { name: s } }
            - { secretRef: { name: none, optional: true } }
          env:
            - { name: C_A, value: mine }
            - { name: NONE, valueFrom: { configMapKeyRef: { name: c, key: none, optional: true } } }`;
    const config = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { A: a, B: b }\n';
    const values = secret(', annotations: { viridian/secret.K: "file:k.txt" } }\ndata: { L: aGk= }');
    expect(variables(env, config + values).list).toEqual([
      { name: 'C_A', value: 'mine' },
      { name: 'C_B', value: 'b' },
      { name: 'L', secureValue: 'hi' },
      { name: 'K', secureValue: { file: 'k.txt' } },
    ]);
  });

  test('come whole without keys that no variable can be called, as a kubelet does it, with a warning', () => {
    const config = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { app.conf: x, A: a }\n';
    const { list, warnings } = variables('envFrom: [{ configMapRef: { name: c } }]', config);
    expect(list).toEqual([{ name: 'A', value: 'a' }]);
    expect(warnings.join()).toMatch(/key "app\.conf" is left out, since no variable can be called that/);
  });

  test('that are empty are left out with a warning', () => {
    const { list, warnings } = variables('env: [{ name: A, value: "" }, { name: B }, { name: C, value: c }]');
    expect(list).toEqual([{ name: 'C', value: 'c' }]);
    expect(warnings).toHaveLength(2);
  });

  test.each([
    ['env:DB', { env: 'DB' }],
    ['file:secrets/db.txt', { file: 'secrets/db.txt' }],
    [
      'keyVault:https://shop.vault.azure.net/secrets/db',
      { keyVault: { vault: 'https://shop.vault.azure.net', secret: 'db' } },
    ],
    [
      'keyVault:https://shop.vault.azure.net/secrets/db/0a1b',
      { keyVault: { vault: 'https://shop.vault.azure.net', secret: 'db', version: '0a1b' } },
    ],
  ])('take %s from a placeholder’s place', (text, reference) => {
    const env = 'env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }]';
    const after = secret(`, annotations: { viridian/secret.k: "${text}" } }\nstringData: { k: placeholder }`);
    expect(variables(env, after)).toEqual({ warnings: [], list: [{ name: 'A', secureValue: reference }] });
  });
});

describe('resources', () => {
  const resources = (text: string) => firstContainer(translate(deployment('web', text)))['resources'];

  test.each([
    ['', { requests: { cpu: 1, memoryInGB: 1.5 } }],
    ['resources: { requests: { cpu: 250m, memory: 128Mi } }', { requests: { cpu: 0.25, memoryInGB: 0.1 } }],
    ['resources: { requests: { cpu: 0.295, memory: 1.5Gi } }', { requests: { cpu: 0.29, memoryInGB: 1.6 } }],
    ['resources: { requests: { cpu: 1m, memory: "1" } }', { requests: { cpu: 0.01, memoryInGB: 0.1 } }],
    [
      'resources: { limits: { cpu: 2, memory: 2e9 } }',
      { requests: { cpu: 2, memoryInGB: 2 }, limits: { cpu: 2, memoryInGB: 2 } },
    ],
    [
      'resources: { requests: { cpu: 500m }, limits: { memory: 2G } }',
      { requests: { cpu: 0.5, memoryInGB: 2 }, limits: { cpu: 0.5, memoryInGB: 2 } },
    ],
  ])('%s', (text, expected) => {
    expect(resources(text)).toEqual(expected);
  });
});

test('every text of a secret is out of every message of an error', () => {
  const text = `${deployment('web', 'command: [run, $(P)]\n          env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: p } } }]')}---
apiVersion: v1
kind: Secret
metadata: { name: s, annotations: { viridian/secret.x: hushhush } }
stringData: { p: hushhush, m: 55555 }
data: { b: "hushhush!" }
`;
  expect(problemsOf(text)).toHaveLength(4);
  expect(JSON.stringify(problemsOf(text))).not.toMatch(/hushhush|55555/);
});

test('the same group is written for a manifest whose objects stand in another order', () => {
  const file = readFileSync('config/examples/three-containers.kubernetes.yaml', 'utf8');
  const turned = file.split('---\n').reverse().join('\n---\n');
  expect(asText(JSON.stringify(translate(turned).document))).toBe(JSON.stringify(translate(file).document));
  expect(asObject(translate(turned).document['properties'])).toBeDefined();
});

const WARNINGS = [
  'web.yaml:170:23: left out, since a container group has no counterpart or another was chosen: Ingress/shop',
  "web.yaml:16:7: spec.strategy is left out: an upgrade goes by the app's own rollout settings",
  "web.yaml:17:7: spec.minReadySeconds is left out: an upgrade goes by the app's own rollout settings",
  "web.yaml:18:7: spec.progressDeadlineSeconds is left out: an upgrade goes by the app's own rollout settings",
  'web.yaml:41:11: spec.template.spec.serviceAccountName is left out: nothing in a group speaks to a cluster; give the group an identity instead',
  'web.yaml:43:11: spec.template.spec.terminationGracePeriodSeconds is left out: Container Instances decides how long a container may take to stop',
  'web.yaml:104:41: spec.template.spec.volumes[0].emptyDir.sizeLimit is left out: Container Instances limits the size of an empty volume by itself',
  'web.yaml:39:13: spec.template.spec.affinity.podAntiAffinity is left out: each replica is a group by itself, on no node of yours',
  'web.yaml:40:29: spec.template.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution is left out: there are no nodes to choose from',
  'web.yaml:148:13: Secret "tokens" stands in plain text in this file (open); refer to it by annotations, such as viridian/secret.open: env:NAME',
  'web.yaml:160:23: Secret "pull" stands in plain text in this file (.dockerconfigjson); refer to it by annotations, such as viridian/password.SERVER: env:NAME',
  'web.yaml:166:23: Secret "old-pull" stands in plain text in this file (.dockercfg); refer to it by annotations, such as viridian/password.SERVER: env:NAME',
  'web.yaml:133:7: spec.sessionAffinity is left out: Traffic Manager answers by name, whichever client asks',
  'web.yaml:33:13: spec.template.spec.dnsConfig: Container Instances takes it in a subnet only; name one in the overrides (subnetIds)',
  'web.yaml:28:13: virtualkubelet.io/dnsnamelabel is left out: each group gets a DNS label of its own',
];
