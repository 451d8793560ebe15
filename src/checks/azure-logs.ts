/**
 * A query of a Log Analytics workspace: each row of its table gives one number, in the only column of a number type. No
 * row is inconclusive; text only, several numbers a row, or an answer in part are errors.
 */
import { LogsQueryClient } from '@azure/monitor-query-logs';
import type { LogsTable } from '@azure/monitor-query-logs';
import type { AzureLogsSource, Check } from '../model/check.ts';
import { AzureCall } from './azure-call.ts';
import { fillIn } from './context.ts';
import type { Asking } from './context.ts';
import { judgeNumbers } from './judge-numbers.ts';
import type { Series } from './judge-numbers.ts';
import { errorReading } from './reading.ts';
import type { Reading } from './reading.ts';

const NUMBER_TYPES = new Set<string>(['int', 'long', 'real', 'double', 'decimal']);

export async function checkAzureLogs(check: Check<AzureLogsSource>, asking: Asking): Promise<Reading> {
  const { source } = check;
  const call = new AzureCall({ ...source, role: 'Log Analytics Reader on the workspace' }, asking);
  const now = asking.clock.now();
  try {
    const client = new LogsQueryClient(asking.credential, { ...call.options, endpoint: source.endpoint });
    const timespan = { startTime: new Date(now - source.windowMs), endTime: new Date(now) };
    const result = await client.queryWorkspace(source.workspaceId, fillIn(source.query, asking), timespan, {
      serverTimeoutInSeconds: Math.max(1, Math.ceil(asking.timeoutMs / 1000)),
    });
    if ('partialError' in result) {
      const { code, message } = result.partialError;
      return errorReading(`the answer is a part: ${code}: ${message}`);
    }
    const series = toSeries(result.tables[0]);
    return typeof series === 'string' ? errorReading(series) : judgeNumbers(check, series);
  } catch (error) {
    return call.failed(error);
  }
}

/** Text: why there are none. */
function toSeries(table: LogsTable | undefined): readonly Series[] | string {
  if (table === undefined) return 'the answer has no table';
  const columns = table.columnDescriptors.map(({ name, type }, index) => ({ name, type, index }));
  const [column, other] = columns.filter(({ type }) => NUMBER_TYPES.has(type));
  if (column === undefined || other !== undefined) {
    const got = columns.map(({ name, type }) => `${name} (${type})`).join(', ');
    return `expected one column of a number, got ${got === '' ? 'no column' : got}; project it`;
  }
  const series: Series[] = [];
  for (const row of table.rows) {
    const value = toNumber(row[column.index]);
    if (value === undefined) return `expected a number in ${column.name}, got ${JSON.stringify(row[column.index])}`;
    const others = columns.filter(({ index }) => index !== column.index);
    const names = others.map(({ name, index }) => `${name}=${JSON.stringify(row[index])}`);
    series.push({ label: [...names, column.name].join(' '), value });
  }
  return series;
}

/** An empty cell (null) is no number, NaN; decimals, NaN and infinities come as text. */
function toNumber(cell: unknown): number | undefined {
  if (cell === null || cell === 'NaN') return Number.NaN;
  if (typeof cell === 'number') return cell;
  return typeof cell === 'string' && /^-?(Infinity|\d+(\.\d+)?(e[+-]?\d+)?)$/i.test(cell) ? Number(cell) : undefined;
}
