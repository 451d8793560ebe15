/** The table of fields in docs/templates.md: each field, what it takes, where it comes from in each format, how it is tested. */
import { testedBy } from './field-tests.ts';
import { GROUP_FIELDS } from './group-fields.ts';
import type { GroupField } from './group-fields.ts';

export function fieldTable(): string {
  const rows = GROUP_FIELDS.map(
    (field) =>
      `| \`${field.path.replace(/^properties\./, '…')}\` | ${valueOf(field)} | ${field.setBy ?? 'as it stands'} | ${field.kubernetes ?? '–'} | ${testedBy(field.path).join(', ')} |`,
  );
  return ['| field | value | ACI YAML, ARM | Kubernetes | tested |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

function valueOf({ kind, values, isSecret }: GroupField): string {
  const choices = values === undefined ? kindText(kind) : values.map((value) => `\`${value}\``).join(', ');
  return isSecret === true ? `${choices} or a reference to a secret` : choices;
}

function kindText(kind: GroupField['kind']): string {
  switch (kind) {
    case 'whole':
      return 'whole number';
    case 'texts':
      return 'list of texts';
    case 'map':
      return 'object, keys of your own';
    case 'boolean':
      return '`true`, `false`';
    case 'text':
    case 'number':
    case 'object':
    case 'list':
      return kind;
  }
}
