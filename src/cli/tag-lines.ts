/**
 * A list of tags as text, a line each: the tag, and where they are known, after tabs, ISO push time and digest. Read
 * piece by piece within limits; every line that is none of that is told with its number.
 */
import type { ListedTag } from '../policy/choice.ts';

const MOST_LINES = 1_000_000;
const LONGEST_LINE_BYTES = 512;
const MOST_PROBLEMS = 20;
const NEWLINE = 10;
/** What registries take, and `+`, which versions have. */
const TAG = /^\w[\w.+-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

export interface TagLines {
  readonly tags: readonly ListedTag[];
  /** `line 3: …`; at most 20, and how many more there are. */
  readonly problems: readonly string[];
}

export async function readTagLines(chunks: AsyncIterable<Uint8Array>): Promise<TagLines> {
  const reading = new Reading();
  let pending = new Uint8Array();
  for await (const chunk of chunks) {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      if (!reading.line(bytes.subarray(start, end))) return reading.result();
      start = end + 1;
    }
    pending = bytes.slice(start);
    // A line without an end is not kept: it is too long already.
    if (pending.length > LONGEST_LINE_BYTES + 1 && !reading.line(pending, 'endless')) return reading.result();
  }
  if (pending.length > 0) reading.line(pending);
  return reading.result();
}

class Reading {
  readonly #tags = new Map<string, { readonly tag: ListedTag; readonly line: number }>();
  readonly #problems: string[] = [];
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #lines = 0;
  #left = 0;

  /** False where no more should be read. */
  line(bytes: Uint8Array, kind: 'whole' | 'endless' = 'whole'): boolean {
    this.#lines += 1;
    if (this.#lines > MOST_LINES) {
      this.#problems.push(`line ${this.#lines}: expected at most ${MOST_LINES} lines; nothing after it was read`);
      return false;
    }
    const problem = this.#take(bytes);
    if (problem !== undefined) {
      if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(`line ${this.#lines}: ${problem}`);
      else this.#left += 1;
    }
    return kind === 'whole';
  }

  result(): TagLines {
    const more = this.#left === 0 ? [] : [`and ${this.#left} more lines`];
    return { tags: [...this.#tags.values()].map(({ tag }) => tag), problems: [...this.#problems, ...more] };
  }

  #take(bytes: Uint8Array): string | undefined {
    if (bytes.length > LONGEST_LINE_BYTES + 1) return `expected at most ${LONGEST_LINE_BYTES} bytes a line`;
    let text: string;
    try {
      text = this.#decoder.decode(bytes).replace(/\r$/, '');
    } catch {
      return 'expected text in UTF-8';
    }
    if (text === '') return undefined;
    const read = readTagLine(text);
    if (typeof read === 'string') return read;
    const before = this.#tags.get(read.name);
    if (before === undefined) this.#tags.set(read.name, { tag: read, line: this.#lines });
    const isSame = before === undefined || (before.tag.digest === read.digest && before.tag.pushedAt === read.pushedAt);
    return isSame ? undefined : `tag ${read.name} stands in line ${before.line} with another time or digest`;
  }
}

/** Or what is wrong with it. */
function readTagLine(text: string): ListedTag | string {
  const [name = '', time = '', digest = '', ...more] = text.split('\t');
  if (more.length > 0) return `expected at most three fields between tabs (tag, time, digest), got ${more.length + 3}`;
  if (!TAG.test(name))
    return `expected a tag (at most 128 letters, digits, dots, hyphens and underscores), got ${JSON.stringify(name.slice(0, 60))}`;
  const pushedAt = time === '' ? undefined : readTime(time);
  if (time !== '' && pushedAt === undefined)
    return `expected a time such as 2026-01-31T12:00:00Z, got ${JSON.stringify(time.slice(0, 60))}`;
  if (digest !== '' && !DIGEST.test(digest))
    return `expected a digest (sha256: and 64 hex digits in lower case), got ${JSON.stringify(digest.slice(0, 80))}`;
  return { name, pushedAt, digest: digest === '' ? undefined : digest };
}

/** Undefined where it is none. A date alone is its midnight, UTC. */
export function readTime(text: string): number | undefined {
  // The parser would take the 31st of February for the 3rd of March.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
  const time = TIME.test(text) && isDay ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
