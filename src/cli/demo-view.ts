/**
 * What people see of the demo: one line per finished step, and below them, on a terminal, one live line per rollout with
 * what it waits for, and a bar while the DNS TTL runs. Without a terminal only the finished lines are written.
 */
import type { LogLine } from './demo-log.ts';

export interface ViewOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

interface LiveRow {
  readonly title: string;
  step: string;
  waitingOn: string;
  since: number;
  until: number | undefined;
}

const BAR_WIDTH = 24;

export class DemoView {
  readonly #out: ViewOutput;
  readonly #rows = new Map<string, LiveRow>();
  #drawn = 0;
  #footer: () => string;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: ViewOutput, footer: () => string) {
    this.#out = out;
    this.#footer = footer;
  }

  start(): void {
    if (this.#out.isTTY) this.#timer = setInterval(() => this.#draw(), 200);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  /** A line that stays. */
  say(text: string): void {
    this.#erase();
    this.#out.write(`${text}\n`);
    this.#draw();
  }

  show(line: LogLine): void {
    const key = line.app ?? '';
    switch (line.event) {
      case 'rollout.started':
        this.#rows.set(key, {
          title: title(line),
          step: line.step ?? '',
          waitingOn: '',
          since: Date.now(),
          until: undefined,
        });
        return this.say(`  ${this.#bold(title(line))} started`);
      case 'rollout.waiting':
        return this.#wait(key, line);
      case 'rollout.step_done':
        return this.say(`  ${title(line).padEnd(24)} ${this.#green('✓')} ${stepName(line)} ${seconds(line.tookMs)}`);
      case 'rollout.turned_back':
        return this.say(`  ${title(line).padEnd(24)} ${this.#red('↩ turning back')}: ${line.reason ?? ''}`);
      case 'rollout.finished':
        this.#rows.delete(key);
        return this.say(
          `  ${this.#bold(title(line).padEnd(24))} ${line.outcome ?? ''} in ${(line.seconds ?? 0).toFixed(1)} s`,
        );
      case 'effect.refused':
      case 'app.failed':
      case 'app.stopped':
      case 'daemon.failed':
        return this.say(`  ${this.#red(line.msg)}`);
      default:
    }
  }

  #wait(key: string, line: LogLine): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    const isNew = row.step !== line.step || row.until !== line.until;
    row.step = line.step ?? '';
    row.waitingOn = line.waitingOn ?? '';
    if (isNew) row.since = Date.now();
    row.until = line.until;
    if (!this.#out.isTTY && isNew) this.#out.write(`  ${row.title.padEnd(24)} … ${stepName(line)}: ${row.waitingOn}\n`);
    this.#draw();
  }

  #draw(): void {
    if (!this.#out.isTTY) return;
    this.#erase();
    const lines = [...this.#rows.values()].map((row) => this.#render(row));
    lines.push(this.#footer());
    const width = Math.max(20, this.#out.columns - 1);
    this.#out.write(`${lines.map((line) => clip(line, width)).join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #render(row: LiveRow): string {
    const bar = row.until === undefined ? '' : ` ${progressBar(row.since, row.until, Date.now())}`;
    return `  ${row.title.padEnd(24)} …${bar} ${row.step}: ${row.waitingOn}`;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\u001B[${this.#drawn}A\u001B[0J`);
    this.#drawn = 0;
  }

  #bold(text: string): string {
    return this.#out.isTTY ? `\u001B[1m${text}\u001B[22m` : text;
  }

  #green(text: string): string {
    return this.#out.isTTY ? `\u001B[32m${text}\u001B[39m` : text;
  }

  #red(text: string): string {
    return this.#out.isTTY ? `\u001B[31m${text}\u001B[39m` : text;
  }
}

/** `[##########--------------]  4.2 s` left. */
export function progressBar(since: number, until: number, now: number): string {
  const share = until <= since ? 1 : Math.min(1, Math.max(0, (now - since) / (until - since)));
  const filled = Math.round(share * BAR_WIDTH);
  const left = Math.max(0, (until - now) / 1000).toFixed(1);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${left.padStart(4)} s`;
}

function title(line: LogLine): string {
  return `${line.app ?? ''} ${line.from ?? '(new)'} → ${line.to ?? '(gone)'}`;
}

function stepName(line: LogLine): string {
  return `${line.step ?? ''} ${line.side ?? ''}`.padEnd(20);
}

function seconds(ms: number | undefined): string {
  return `${((ms ?? 0) / 1000).toFixed(1)} s`;
}

function clip(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
