/** What the containers of a group run, by their images. */
import type { GroupContainer } from './group.ts';
import { ArmError, asArray, asRecord, asText } from './http.ts';
import type { Images } from './images.ts';
import { DEFAULT_PROGRAM } from './program.ts';
import type { Program } from './program.ts';

export function imagesOf(body: Record<string, unknown>): string[] {
  return inList(body, 'containers').map(({ image }) => image);
}

/** Throws ArmError where a registry that is simulated has no such image; images of others run the default program. */
export function programsOf(
  group: string,
  body: Record<string, unknown>,
  { images, list }: { readonly images: Images; readonly list: 'containers' | 'initContainers' },
): readonly GroupContainer[] {
  return inList(body, list).map(({ name, image }) => {
    const found = images.resolve(image);
    const [registry = ''] = image.split('/');
    if (found === undefined && images.repositories(registry).length > 0) {
      throw new ArmError(
        400,
        'InaccessibleImage',
        `The image '${image}' in container group '${group}' is not accessible. Please check the image and registry credential.`,
      );
    }
    return { name, program: found?.program ?? DEFAULT_PROGRAM };
  });
}

/** What the group as a whole counts as running. */
export function worstOf(containers: readonly GroupContainer[]): Program {
  const programs = containers.map(({ program }) => program);
  const worst = programs.find(({ crash }) => crash) ?? programs.find(({ healthy }) => !healthy);
  return worst ?? programs[0] ?? DEFAULT_PROGRAM;
}

function inList(body: Record<string, unknown>, list: string): { readonly name: string; readonly image: string }[] {
  return asArray(asRecord(body['properties'])?.[list]).map((container) => ({
    name: asText(asRecord(container)?.['name']),
    image: String(asRecord(asRecord(container)?.['properties'])?.['image']),
  }));
}
