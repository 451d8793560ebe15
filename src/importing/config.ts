/** The text of a first config and of the templates that it names, from the apps that were found. Pure. */
import { Document, isNode } from 'yaml';
import type { Json, JsonObject } from '../model/app.ts';
import type { FoundApp } from './apps.ts';
import { draftPolicy } from './policy.ts';
import type { Remark } from './template.ts';
import { draftTemplate } from './template.ts';

export interface DraftFile {
  readonly name: string;
  readonly text: string;
}

export interface Draft {
  /** The config first. */
  readonly files: readonly DraftFile[];
  readonly secrets: readonly { readonly env: string; readonly what: string }[];
  readonly notes: readonly string[];
}

export interface DraftGiven {
  readonly apps: readonly FoundApp[];
  readonly resourceGroup: string;
  /** The `azure` block, and `registries` where there are any. */
  readonly head: JsonObject;
}

const WIDTH = 120;
export const CONFIG_NAME = 'viridian.yaml';

export function draftFiles({ apps, resourceGroup, head }: DraftGiven): Draft {
  const templates = apps.map((app) => ({ app, template: draftTemplate(app.name, first(app)) }));
  const drafted = apps.map((app) => draftApp(app, resourceGroup));
  const remarks = drafted.flatMap(({ remarks: own }, index) =>
    own.map(({ path, text }) => ({ path: ['apps', index, ...path], text })),
  );
  const config = { version: 1, ...head, apps: drafted.map(({ value }) => value) };
  const heading = ` Written by viridian import from resource group ${resourceGroup}: a first draft, to be looked at.`;
  return {
    files: [
      { name: CONFIG_NAME, text: toYaml(config, remarks, heading) },
      ...templates.map(({ app, template }) => ({
        name: templateName(app),
        text: toYaml(template.document, template.remarks, ` From container group ${first(app).name}.`),
      })),
    ],
    secrets: templates.flatMap(({ template }) => template.secrets),
    notes: [
      ...templates.flatMap(({ app, template }) => [...app.notes, ...template.notes, ...differences(app)]),
      ...drafted.flatMap(({ notes }) => notes),
    ],
  };
}

function templateName({ name }: FoundApp): string {
  return `${name}.group.yaml`;
}

function first({ groups, name }: FoundApp): FoundApp['groups'][number] {
  const [group] = groups;
  if (group === undefined) throw new TypeError(`app ${name} has no groups`);
  return group;
}

/** Each group of an app is made from one template. */
function differences(app: FoundApp): readonly string[] {
  const own = JSON.stringify(draftTemplate(app.name, first(app)).document['properties']);
  const others = app.groups.filter(
    (group) => !isAlike(own, JSON.stringify(draftTemplate(app.name, group).document['properties'])),
  );
  if (others.length === 0) return [];
  const names = others.map(({ name }) => name).join(', ');
  return [`${names} of app ${app.name} differ from ${first(app).name}, whose template counts for all of them`];
}

/** But for tags of images, which the policy chooses. */
function isAlike(a: string, b: string): boolean {
  const plain = (text: string) => text.replaceAll(/("image":"[^"@]*?)(:[\w.-]+)?(@[^"]*)?"/g, '$1"');
  return plain(a) === plain(b);
}

function draftApp(
  app: FoundApp,
  resourceGroup: string,
): { value: Json; remarks: readonly Remark[]; notes: readonly string[] } {
  const { groups, name, profile, endpoints } = app;
  const counts = Object.entries(Object.groupBy(groups, ({ location }) => location)).map(
    ([location, own = []]) => [location, own.length] as const,
  );
  const replicas = Math.max(...counts.map(([, count]) => count));
  const isEven = counts.every(([, count]) => count === replicas);
  const images = first(app).containers.map(({ name: container, image }) => {
    const references = groups.flatMap((group) => group.containers.filter((one) => one.name === container));
    const { policy, why } = draftPolicy(references.map((one) => one.image));
    return { value: { container, image: `${image.registry}/${image.repository}`, policy }, why };
  });
  const weights = new Set(endpoints.map(({ weight }) => weight));
  const [weight] = weights;
  const isWeighed = profile?.method === 'Weighted' && weights.size === 1 && weight !== undefined && weight !== 100;
  const uneven = `app ${name} has ${counts.map(([location, count]) => `${count} in ${location}`).join(', ')}: replicas is the most of them, since it is the same for each location`;
  return {
    value: {
      name,
      template: templateName(app),
      resourceGroup,
      locations: counts.map(([location]) => location),
      ...(replicas === 1 ? {} : { replicas }),
      images: images.map(({ value }) => value),
      ...(profile === undefined
        ? {}
        : { traffic: { profile: profile.name, ...(isWeighed ? { weight } : {}) }, ...probeOf(profile) }),
    },
    remarks: images.map(({ why }, index) => ({ path: ['images', index], text: ` ${why}` })),
    notes: [...(isEven ? [] : [uneven]), ...probeNotes(app)],
  };
}

function probeOf({ monitor: { protocol, port, path } }: NonNullable<FoundApp['profile']>): JsonObject {
  if ((protocol !== 'HTTP' && protocol !== 'HTTPS') || port === undefined) return {};
  const scheme = protocol === 'HTTPS' ? { scheme: 'https' } : {};
  return { probe: { ...scheme, port, ...(path === '' || path === '/' ? {} : { path }) } };
}

function probeNotes({ name, profile }: FoundApp): readonly string[] {
  if (profile === undefined || 'probe' in probeOf(profile)) return [];
  return [
    `profile ${profile.name} monitors by ${profile.monitor.protocol}, so app ${name} has no probe: its groups are proven by running`,
  ];
}

function toYaml(value: Json, remarks: readonly Remark[], heading: string): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  document.commentBefore = heading;
  for (const { path, text } of remarks) {
    const node = document.getIn(path, true);
    if (isNode(node)) node.commentBefore = text;
  }
  return document.toString({ lineWidth: WIDTH });
}
