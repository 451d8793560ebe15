import { readFileSync } from 'node:fs';
import {
  anything,
  array,
  assert,
  constantFrom,
  dictionary,
  jsonValue,
  letrec,
  nat,
  oneof,
  property,
  string,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCollection, isScalar, parseDocument, stringify, visit } from 'yaml';
import { deployment, POD_HEAD, problemsOf } from './kubernetes-texts.ts';

function problems(text: string): string[] {
  return problemsOf(text).map((p) => `${p.line}:${p.column} ${p.message}${p.hint === undefined ? '' : ` (${p.hint})`}`);
}

const container = (text: string) => deployment('web', text);
const pod = (text: string) => `${POD_HEAD}\n  containers: [{ name: web, image: r.example/web:1 }]\n  ${text}\n`;
const after = (text: string) => `${deployment('web')}---\n${text}`;
const service = (spec: string) =>
  `${container('ports: [{ name: http, containerPort: 80 }]')}---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, selector: { app: web }, ${spec} }
`;
const volume = (text: string) => pod(`volumes: [{ name: v, ${text} }]`);

describe('a container is refused, with the place and the name of what cannot be done:', () => {
  test.each([
    ['args: [now]', '12:11 spec.template.spec.containers[0].args is refused'],
    [
      'lifecycle: { preStop: { exec: { command: [x] } } }',
      '12:11 spec.template.spec.containers[0].lifecycle is refused',
    ],
    ['startupProbe: { exec: { command: [x] } }', '12:11 spec.template.spec.containers[0].startupProbe is refused'],
    ['workingDir: /srv', '12:11 spec.template.spec.containers[0].workingDir is refused'],
    ['stdin: true', '12:11 spec.template.spec.containers[0].stdin is refused'],
    ['tty: on', '12:11 spec.template.spec.containers[0].tty is refused'],
    ['imagePullPolicy: Never', '12:11 spec.template.spec.containers[0].imagePullPolicy is refused'],
    ['volumeDevices: [{ name: x }]', '12:11 spec.template.spec.containers[0].volumeDevices is refused'],
    [
      'livenessProbe: { tcpSocket: { port: 80 } }',
      '12:28 spec.template.spec.containers[0].livenessProbe.tcpSocket is refused',
    ],
    ['readinessProbe: { grpc: { port: 80 } }', '12:29 spec.template.spec.containers[0].readinessProbe.grpc is refused'],
    [
      'livenessProbe: { periodSeconds: 1 }',
      '12:26 spec.template.spec.containers[0].livenessProbe: expected one of httpGet and exec',
    ],
    [
      'livenessProbe: { httpGet: { port: htpp } }',
      '12:45 spec.template.spec.containers[0].livenessProbe.httpGet.port: expected a number, or the name',
    ],
    [
      'livenessProbe: { httpGet: { port: 080 } }',
      '12:45 spec.template.spec.containers[0].livenessProbe.httpGet.port: 080 is octal',
    ],
    [
      'livenessProbe: { httpGet: { port: 1, host: h } }',
      '12:48 spec.template.spec.containers[0].livenessProbe.httpGet.host is refused',
    ],
    [
      'ports: [{ containerPort: 1, hostPort: 1 }]',
      '12:39 spec.template.spec.containers[0].ports[0].hostPort is refused',
    ],
    [
      'ports: [{ containerPort: 1, protocol: SCTP }]',
      '12:49 spec.template.spec.containers[0].ports[0].protocol is refused',
    ],
    [
      'ports: [{ containerPort: 70000 }]',
      '12:36 spec.template.spec.containers[0].ports[0].containerPort: expected a whole number from 1 to 65535, got a number, 70000',
    ],
    ['ports: [{ containerPort: 1 }, { containerPort: 1 }]', '12:58 port 1/TCP is declared twice'],
    ['resources: { limits: { amd.com/gpu: 1 } }', '12:34 unknown key "amd.com/gpu"'],
    [
      'resources: { limits: { nvidia.com/gpu: 1 } }',
      '12:50 spec.template.spec.containers[0].resources.limits.nvidia.com/gpu: a group has to say which GPU',
    ],
    [
      'resources: { requests: { ephemeral-storage: 1G } }',
      '12:36 spec.template.spec.containers[0].resources.requests.ephemeral-storage is refused',
    ],
    [
      'resources: { requests: { cpu: lots } }',
      '12:41 spec.template.spec.containers[0].resources.requests.cpu: expected a quantity above zero, such as 500m or 1.5, got the text "lots"',
    ],
    [
      'resources: { requests: { memory: 1.5GB } }',
      '12:44 spec.template.spec.containers[0].resources.requests.memory: expected a quantity',
    ],
    [
      'resources: { requests: { memory: 0 } }',
      '12:44 spec.template.spec.containers[0].resources.requests.memory: expected a quantity',
    ],
    [
      'resources: { requests: { cpu: 2 }, limits: { cpu: 1 } }',
      '12:61 spec.template.spec.containers[0].resources.limits.cpu: less than is requested',
    ],
    [
      'env: [{ name: A, value: 5 }]',
      '12:35 spec.template.spec.containers[0].env[0].value: expected a text, got a number, 5 (quote it: "5")',
    ],
    [
      'env: [{ name: A, value: yes }]',
      '12:35 spec.template.spec.containers[0].env[0].value: expected a text, got yes, which kubectl reads as a boolean, true (quote it: "yes")',
    ],
    [
      'env: [{ name: A, value: 012 }]',
      '12:35 spec.template.spec.containers[0].env[0].value: expected a text, got 012, which kubectl reads as a number, 10',
    ],
    [
      'env: [{ name: A, value: true }]',
      '12:35 spec.template.spec.containers[0].env[0].value: expected a text, got a boolean, true',
    ],
    ['env: [{ name: A-B, value: x }]', '12:25 spec.template.spec.containers[0].env[0].name: a variable of a group'],
    ['env: [{ value: x }]', '12:17 missing key "name" in spec.template.spec.containers[0].env[0]'],
    [
      'env: [{ name: A, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]',
      '12:41 spec.template.spec.containers[0].env[0].valueFrom.fieldRef is refused',
    ],
    [
      'env: [{ name: A, valueFrom: { resourceFieldRef: { resource: x } } }]',
      '12:41 spec.template.spec.containers[0].env[0].valueFrom.resourceFieldRef is refused',
    ],
    ['env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }]', '12:63 Secret "s" is not in this file'],
    ['envFrom: [{ configMapRef: { name: c } }]', '12:45 ConfigMap "c" is not in this file'],
    [
      'volumeMounts: [{ name: v, mountPath: /v }]',
      '12:34 spec.template.spec.containers[0].volumeMounts[0].name: the pod has no volume "v"',
    ],
    [
      'securityContext: { readOnlyRootFilesystem: true }',
      '12:30 spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem is refused',
    ],
    [
      'securityContext: { runAsNonRoot: true }',
      '12:30 spec.template.spec.containers[0].securityContext.runAsNonRoot is refused',
    ],
    [
      'securityContext: { seccompProfile: { type: Unconfined } }',
      '12:54 spec.template.spec.containers[0].securityContext.seccompProfile.type is refused',
    ],
    ['comand: [x]', '12:11 unknown key "comand" (spec.template.spec.containers[0].comand) (did you mean "command"?)'],
    ['command: x', '12:20 spec.template.spec.containers[0].command: expected a list, got the text "x"'],
  ])('%s', (text, expected) => {
    const found = problems(container(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });
});

describe('a pod is refused for', () => {
  test.each([
    ['hostNetwork: true', '6:3 spec.hostNetwork is refused'],
    ['hostPID: yes', '6:3 spec.hostPID is refused'],
    ['hostAliases: [{ ip: 10.0.0.1 }]', '6:3 spec.hostAliases is refused'],
    ['activeDeadlineSeconds: 5', '6:3 spec.activeDeadlineSeconds is refused'],
    ['runtimeClassName: kata', '6:3 spec.runtimeClassName is refused'],
    ['shareProcessNamespace: true', '6:3 spec.shareProcessNamespace is refused'],
    ['hostname: a', '6:3 spec.hostname is refused'],
    ['schedulerName: mine', '6:3 spec.schedulerName is refused'],
    ['securityContext: { fsGroup: 1 }', '6:22 spec.securityContext.fsGroup is refused'],
    ['securityContext: { sysctls: [{ name: a, value: b }] }', '6:22 spec.securityContext.sysctls is refused'],
    ['nodeSelector: { pool: gpu }', '6:19 spec.nodeSelector.pool is refused'],
    ['nodeSelector: { kubernetes.io/arch: arm64 }', '6:19 spec.nodeSelector.kubernetes.io/arch is refused'],
    [
      'affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { x: 1 } } }',
      '6:31 spec.affinity.nodeAffinity.requiredDuring',
    ],
    ['dnsPolicy: None', '6:14 spec: names are looked up by Azure'],
    [
      'restartPolicy: Allways',
      '6:18 spec.restartPolicy: expected Always or OnFailure or Never, got "Allways" (did you mean "Always"?)',
    ],
    [
      'initContainers: [{ name: i, image: x, ports: [{ containerPort: 1 }] }]',
      '6:41 spec.initContainers[0].ports is refused',
    ],
    [
      'initContainers: [{ name: i, image: x, resources: { limits: { cpu: 1 } } }]',
      '6:41 spec.initContainers[0].resources is refused',
    ],
    [
      'initContainers: [{ name: i, image: x, restartPolicy: Always }]',
      '6:41 spec.initContainers[0].restartPolicy is refused',
    ],
    ['initContainers: [{ name: web, image: x }]', '6:28 spec.initContainers[0]'],
    ['imagePullSecrets: [{ name: none }]', '6:30 Secret "none" is not in this file'],
    [
      'os: { name: windows }\n  volumes: [{ name: v, emptyDir: {} }]',
      '7:13 spec.volumes[0] is refused: a group of Windows',
    ],
  ])('%s', (text, expected) => {
    const found = problems(pod(text));
    // A name given twice is told where it comes again.
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      expected.includes('initContainers[0]') && expected.startsWith('6:28')
        ? 'two containers are called "web"'
        : expected,
    );
  });
});

describe('a volume is refused for', () => {
  test.each([
    ['hostPath: { path: / }', '6:24 spec.volumes[0].hostPath is refused'],
    ['persistentVolumeClaim: { claimName: c }', '6:24 spec.volumes[0].persistentVolumeClaim is refused'],
    ['downwardAPI: { items: [{ path: a }] }', '6:24 spec.volumes[0].downwardAPI is refused'],
    ['nfs: { server: x }', '6:24 spec.volumes[0].nfs is refused'],
    ['emptyDir: { medium: Memory }', '6:36 spec.volumes[0].emptyDir.medium is refused'],
    ['csi: { driver: disk.csi.azure.com }', '6:39 spec.volumes[0].csi.driver is refused'],
    [
      'projected: { sources: [{ serviceAccountToken: { path: t } }] }',
      '6:49 spec.volumes[0].projected.sources[0].serviceAccountToken is refused',
    ],
    ['secret: { secretName: s }', '6:46 Secret "s" is not in this file'],
    [
      'secret: { secretName: s, optional: true, defaultMode: 0400 }',
      '6:65 spec.volumes[0].secret.defaultMode is refused',
    ],
    ['secert: {}', '6:24 unknown key "secert" (spec.volumes[0].secert) (did you mean "secret"?)'],
  ])('%s', (text, expected) => {
    expect(problems(volume(text)).join('\n')).toContain(expected);
  });

  test('subPath, and a folder in a volume of files', () => {
    const text = `${container('volumeMounts: [{ name: v, mountPath: /v, subPath: a }]')}      volumes:
        - { name: v, configMap: { name: c, items: [{ key: a, path: b/c }] } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: c }
data: { a: x }
`;
    expect(problems(text)).toMatchObject([
      expect.stringContaining('12:52 spec.template.spec.containers[0].volumeMounts[0].subPath is refused'),
      expect.stringContaining('14:68 spec.template.spec.volumes[0].configMap.items[0].path: a secret volume'),
    ]);
  });
});

describe('a file is refused for', () => {
  test.each([
    ['no YAML', 'kind: [', '1:8 not YAML'],
    ['no YAML in a later document', after('kind: "x'), '14:9 not YAML'],
    ['a key that is there twice', after('kind: Service\nkind: Service'), '15:1 the key kind is there twice'],
    ['a document that is no mapping', after('- a'), '14:1 the document: expected a mapping (key: value), got a list'],
    ['no kind', after('apiVersion: v1'), '14:1 missing key "kind"'],
    ['no apiVersion', after('kind: Secret'), '14:1 missing key "apiVersion"'],
    [
      'another version',
      deployment('web').replace('apps/v1', 'extensions/v1beta1'),
      '1:13 a Deployment of extensions/v1beta1 is not read (write apiVersion: apps/v1)',
    ],
    [
      'a kind that is mistyped',
      after('apiVersion: v1\nkind: Secert\nmetadata: { name: x }'),
      '15:7 unknown kind "Secert" (did you mean "Secret"?)',
    ],
    [
      'nothing to run',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }',
      '1:1 expected a Deployment or a Pod, found ConfigMap/x',
    ],
    [
      'no replicas',
      deployment('web').replace('selector', 'replicas: 0\n  selector'),
      '5:13 spec.replicas: an app runs at least one group',
    ],
    [
      'replicas as a text',
      deployment('web').replace('selector', 'replicas: "2"\n  selector'),
      '5:13 spec.replicas: expected a whole number',
    ],
    [
      'a paused Deployment',
      deployment('web').replace('selector', 'paused: true\n  selector'),
      '5:3 spec.paused is refused',
    ],
    [
      'a selector of other pods',
      deployment('web').replace('app: web', 'app: wbe'),
      '5:35 spec.selector.matchLabels.app: the pods',
    ],
    [
      'a restart policy of a Deployment',
      deployment('web').replace('containers:', 'restartPolicy: Never\n      containers:'),
      '9:22 spec.template.spec.restartPolicy: expected Always, got "Never"',
    ],
    [
      'no containers',
      `${POD_HEAD}\n  containers: []`,
      '5:15 spec.containers: expected a list of at least one container',
    ],
    ['no image', `${POD_HEAD}\n  containers: [{ name: web }]`, '5:16 missing key "image" in spec.containers[0]'],
    [
      'a name of 64 characters',
      deployment('web').replace('- name: web', `- name: ${'w'.repeat(64)}`),
      `10:17 spec.template.spec.containers[0].name: expected lower-case letters, digits and hyphens, at most 63 characters, got "${'w'.repeat(64)}" (64)`,
    ],
    ['a name in capitals', deployment('Web'), '3:19 metadata.name: expected lower-case letters'],
    [
      'an object that is there twice',
      after(
        'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: s }',
      ),
      '20:19 Secret/s is there twice',
    ],
    [
      'a reference of a kind that is not known',
      after('apiVersion: v1\nkind: Secret\nmetadata: { name: s, annotations: { viridian/secret.a: "vault:x" } }'),
      '16:56 viridian/secret.a: expected a reference',
    ],
    [
      'an annotation that is mistyped',
      after('apiVersion: v1\nkind: Secret\nmetadata: { name: s, annotations: { viridian/secrets.a: "env:X" } }'),
      '16:37 unknown annotation "viridian/secrets.a" of a Secret',
    ],
    [
      'a Secret that is not base64',
      after('apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { a: "x y" }'),
      '17:12 data.a: not base64',
    ],
    [
      'a ConfigMap with numbers',
      after('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: s }\ndata: { a: 5 }'),
      '17:12 data.a: expected a text',
    ],
    [
      'a ConfigMap with a boolean for a key',
      after('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: s }\ndata: { on: x }'),
      '17:9 the key on is read as true by kubectl (write "on" with quotes)',
    ],
    [
      'a Service that leads to another port',
      service('ports: [{ port: 8080, targetPort: http }]'),
      '17:69 spec.ports[0].port: port 8080 leads to port 80, and a group cannot lead one port to another',
    ],
    [
      'a Service that leads nowhere',
      service('ports: [{ port: 81 }]'),
      '17:69 spec.ports[0].port: no container of the pod declares this TCP port',
    ],
    [
      'a Service that filters',
      service('ports: [{ port: 80 }], loadBalancerSourceRanges: [10.0.0.0/8]'),
      '17:76 spec.loadBalancerSourceRanges is refused',
    ],
    ['a tag', after('kind: !Ref x'), '14:7 not YAML: Unresolved tag'],
    ['an alias to nothing', `${POD_HEAD}\n  containers: *none`, '5:15 not YAML'],
  ])('%s', (_, text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
  });

  test('docker configs that say too little', () => {
    const text = (config: string, annotations = '{}') => `${pod('imagePullSecrets: [{ name: s }]')}---
apiVersion: v1
kind: Secret
type: kubernetes.io/dockerconfigjson
metadata: { name: s, annotations: ${annotations} }
stringData: { .dockerconfigjson: '${config}' }
`;
    expect(problems(text('{'))).toEqual(['6:30 Secret "s": .dockerconfigjson is not the JSON of a docker config']);
    expect(problems(text('{"auths":{"r.example":{"username":"u"}}}'))[0]).toContain(
      'no username and password for r.example',
    );
    expect(
      problems(text('{"auths":{"r.example":{"auth":"dTpw"}}}', '{ viridian/password.q.example: "env:P" }'))[0],
    ).toContain('viridian/password.q.example is for none of its servers (r.example)');
  });

  test('aliases that grow without end, and thousands of levels', () => {
    const grow = ['a: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]'];
    for (let level = 1; level < 9; level += 1) grow.push(`b${level}: &a${level} [${`*a${level - 1}, `.repeat(9)}]`);
    expect(problems(grow.join('\n')).join()).toContain('values, aliases followed');
    expect(problems(`a: ${'['.repeat(100_000)}`).join()).toContain('not YAML');
    expect(problems(`${'- '.repeat(100)}x`).join()).toContain('nested more than 60 levels deep');
    const double = Array.from(
      { length: 40 },
      (_, at) => `{ name: V${at}, value: "${at === 0 ? 'x' : `$(V${at - 1})$(V${at - 1})`}" }`,
    );
    expect(problems(container(`env: [${double.join(', ')}]`))[0]).toContain('too long with its $(NAME) in place');
  });
});

test('no file of any shape is met with anything but a problem that has a place', () => {
  const words = constantFrom(
    'apiVersion',
    'v1',
    'apps/v1',
    'kind',
    'Pod',
    'Deployment',
    'Secret',
    'ConfigMap',
    'Service',
    'List',
    'items',
    'metadata',
    'name',
    'spec',
    'template',
    'containers',
    'volumes',
    'env',
    'data',
    'type',
    'ports',
    'resources',
    'web',
    'LoadBalancer',
    '1',
    '<<',
    '__proto__',
    '$(A)',
    'viridian/secret.a',
    'annotations',
    'selector',
  );
  const { value } = letrec((tie) => ({
    value: oneof(
      { maxDepth: 6 },
      words,
      dictionary(words, tie('value'), { maxKeys: 6 }),
      array(tie('value'), { maxLength: 3 }),
    ),
  }));
  const outcome = (text: string) => {
    for (const { line, column } of problemsOf(text)) {
      expect(line).toBeGreaterThan(0);
      expect(column).toBeGreaterThan(0);
    }
  };
  assert(property(value, (one) => outcome(stringify(one))));
  assert(property(dictionary(words, anything()), (one) => outcome(`${POD_HEAD}${JSON.stringify(one)}`)));
  assert(property(string({ unit: 'grapheme', maxLength: 300 }), (text) => outcome(text)));
});

test('a whole manifest with any one value replaced is translated, or met with a problem that has a place', () => {
  const text = readFileSync('test/config/templates/everything.kubernetes.yaml', 'utf8');
  const values: { from: number; to: number }[] = [];
  visit(parseDocument(text), {
    Node: (_, node) => {
      if ((isScalar(node) || isCollection(node)) && node.range) values.push({ from: node.range[0], to: node.range[1] });
    },
  });
  // A mapping of several lines takes its line break with it.
  const replaced = ({ from, to }: { from: number; to: number }, by: string) =>
    `${text.slice(0, from)}${by}${text.slice(from, to).endsWith('\n') ? '\n' : ''}${text.slice(to)}`;
  const words = constantFrom(
    'yes',
    '012',
    '5',
    '-1',
    '""',
    '~',
    '[]',
    '{}',
    '[[]]',
    '{ a: b }',
    '*none',
    '&x 1',
    '!!binary x',
  );
  const any = oneof(
    words,
    jsonValue().map((one) => JSON.stringify(one)),
  );
  assert(
    property(nat(values.length - 1), any, (at, by) => {
      const place = values[at];
      if (place === undefined) return;
      for (const { line, message } of problemsOf(replaced(place, by))) {
        expect(line).toBeGreaterThan(0);
        expect(message).not.toContain('hush');
      }
    }),
    { numRuns: 100 },
  );
});
