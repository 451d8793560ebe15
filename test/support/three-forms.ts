/** The example of three containers in each of the forms that a template may have, and the config of each. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

const EXAMPLES = 'config/examples';
const VALUES = `{ registryPassword: { env: SHOP_PULL_PASSWORD }, storageKey: { env: SHOP_STORAGE_KEY }, queueConnection: { env: SHOP_QUEUE_CONNECTION } }`;

export interface Form {
  readonly form: string;
  readonly format: 'aci' | 'arm' | 'kubernetes';
  readonly files: readonly string[];
  /** As the config has it. */
  readonly template: string;
}

export const THREE_FORMS: readonly Form[] = [
  {
    form: 'a container group',
    format: 'aci',
    files: ['three-containers.group.yaml'],
    template: 'three-containers.group.yaml',
  },
  {
    form: 'an ARM template',
    format: 'arm',
    files: ['three-containers.arm.json', 'three-containers.parameters.json'],
    template: `{ file: three-containers.arm.json, parameters: three-containers.parameters.json, values: ${VALUES} }`,
  },
  {
    form: 'a Kubernetes manifest',
    format: 'kubernetes',
    files: ['three-containers.kubernetes.yaml'],
    template: 'three-containers.kubernetes.yaml',
  },
];

export function copyForm({ files }: Form, folder: string): void {
  for (const file of files) copyFileSync(join(EXAMPLES, file), join(folder, file));
}
