/** Says that a config has no app of a name, and which it has. */
import { nearMatch } from '../config/near-match.ts';
import type { Settings } from '../config/settings.ts';

const MOST_NAMES = 20;

export function noSuchApp(app: string, config: string, { apps }: Pick<Settings, 'apps'>): string {
  const names = apps.map(({ name }) => name);
  const near = nearMatch(app, names);
  const hint = near === undefined ? `it has ${names.slice(0, MOST_NAMES).join(', ')}` : `did you mean "${near}"?`;
  return `${config} has no app "${app}"; ${hint}`;
}
