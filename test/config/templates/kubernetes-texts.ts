/** Small manifests, and looking into what they become. */
import { asList, asObject } from '../../../src/config/json.ts';
import type { Translated } from '../../../src/config/templates/format.ts';
import { translateKubernetes } from '../../../src/config/templates/kubernetes-manifest.ts';
import type { JsonObject } from '../../../src/model/app.ts';
import { ConfigError } from '../../../src/model/errors.ts';
import type { ConfigProblem } from '../../../src/model/errors.ts';

const PLACE = { subscription: 's', resourceGroup: 'g', location: 'westeurope' };

export function translate(text: string, resource?: string): Translated {
  const file = { file: '/shop/web.yaml', shown: 'web.yaml', text };
  return translateKubernetes(file, { resource, parameters: undefined, values: {}, place: PLACE });
}

/** None where it is translated. Anything but a ConfigError is thrown on. */
export function problemsOf(text: string, resource?: string): readonly ConfigProblem[] {
  try {
    translate(text, resource);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** `container` is put into its one container, at the tenth column. */
export function deployment(name: string, container = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: r.example/${name}:1
          ${container}
`;
}

export const POD_HEAD = 'apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:';

export function properties({ document }: Translated): JsonObject {
  return asObject(document['properties']) ?? {};
}

export function firstContainer(translated: Translated): JsonObject {
  return asObject(asObject(asList(properties(translated)['containers'])[0])?.['properties']) ?? {};
}
