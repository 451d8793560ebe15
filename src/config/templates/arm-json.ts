/**
 * JSON as ARM templates are written: with comments and with texts over several lines, as az takes them. Gives a tree in
 * which every value has its place. A comma too many and a key given twice are refused: what is meant is not clear.
 */
import { ArmJsonFault } from './arm-json-fault.ts';

interface Span {
  /** Characters from the start of the file; `end` is the first after it. */
  readonly start: number;
  readonly end: number;
}

export interface ArmMember {
  readonly key: string;
  readonly keyStart: number;
  readonly value: ArmNode;
}

export interface ArmObjectNode extends Span {
  readonly kind: 'object';
  readonly members: readonly ArmMember[];
}
export interface ArmListNode extends Span {
  readonly kind: 'list';
  readonly items: readonly ArmNode[];
}
export interface ArmTextNode extends Span {
  readonly kind: 'text';
  readonly value: string;
}
export interface ArmPlainNode extends Span {
  readonly kind: 'plain';
  readonly value: number | boolean | null;
}
export type ArmNode = ArmObjectNode | ArmListNode | ArmTextNode | ArmPlainNode;

const DEEPEST = 64;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', JSON.parse('null')],
]);

/** `lenient`: single quotes too, as the functions of templates take them. Throws ArmJsonFault. */
export function parseArmJson(text: string, options: { readonly lenient?: boolean } = {}): ArmNode {
  const reader = new Reader(text, options.lenient === true);
  return reader.whole();
}

/** Where a character of a text's value stands in the file. */
export function offsetWithin(text: string, node: ArmTextNode, characters: number): number {
  let offset = node.start + 1;
  for (let count = 0; count < characters && offset < node.end - 1; count += 1) {
    if (text[offset] !== '\\') offset += 1;
    else offset += text[offset + 1] === 'u' ? 6 : 2;
  }
  return offset;
}

class Reader {
  readonly #text: string;
  readonly #lenient: boolean;
  #at = 0;

  constructor(text: string, lenient: boolean) {
    this.#text = text;
    this.#lenient = lenient;
  }

  whole(): ArmNode {
    if (this.#text.startsWith('\uFEFF')) this.#at = 1;
    this.#skip();
    const node = this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#fault(`expected the end of the file, got ${this.#got()}`);
    return node;
  }

  #value(depth: number): ArmNode {
    const start = this.#at;
    const next = this.#text[start];
    if (next === '{' || next === '[') {
      if (depth >= DEEPEST) throw this.#fault(`nested deeper than ${DEEPEST} levels`);
      return next === '{' ? this.#object(depth + 1) : this.#list(depth + 1);
    }
    if (this.#isQuote(next)) return { kind: 'text', start, value: this.#quoted(), end: this.#at };
    const word = /^[A-Za-z]+/.exec(this.#text.slice(start, start + 12))?.[0];
    if (word !== undefined) {
      const value = WORDS.get(word);
      if (value === undefined) throw this.#fault(`expected a value, got ${word}`, 'texts stand in double quotes');
      this.#at += word.length;
      return { kind: 'plain', start, value, end: this.#at };
    }
    return this.#number();
  }

  #number(): ArmNode {
    const start = this.#at;
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = start;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) throw this.#fault(`expected a value, got ${this.#got()}`);
    this.#at += found.length;
    if (/[\w.]/.test(this.#text[this.#at] ?? '')) throw this.#fault(`expected a number, got ${this.#got()} in it`);
    const value = Number(found);
    if (!Number.isFinite(value) || (/^-?\d+$/.test(found) && !Number.isSafeInteger(value)))
      throw new ArmJsonFault(`${found} is too large a number`, start);
    return { kind: 'plain', start, value, end: this.#at };
  }

  #object(depth: number): ArmNode {
    const start = this.#at;
    const members = new Map<string, ArmMember>();
    this.#at += 1;
    this.#skip();
    while (this.#text[this.#at] !== '}') {
      if (members.size > 0) this.#comma('}');
      const keyStart = this.#at;
      if (!this.#isQuote(this.#text[keyStart]))
        throw this.#fault(`expected a key in double quotes, got ${this.#got()}`);
      const key = this.#quoted();
      if (members.has(key))
        throw new ArmJsonFault(`the key "${key}" is given twice`, keyStart, 'only one of the two can be meant');
      this.#skip();
      if (this.#text[this.#at] !== ':') throw this.#fault(`expected ":" after the key "${key}", got ${this.#got()}`);
      this.#at += 1;
      this.#skip();
      members.set(key, { key, keyStart, value: this.#value(depth) });
      this.#skip();
    }
    this.#at += 1;
    return { kind: 'object', start, members: [...members.values()], end: this.#at };
  }

  #list(depth: number): ArmNode {
    const start = this.#at;
    const items: ArmNode[] = [];
    this.#at += 1;
    this.#skip();
    while (this.#text[this.#at] !== ']') {
      if (items.length > 0) this.#comma(']');
      items.push(this.#value(depth));
      this.#skip();
    }
    this.#at += 1;
    return { kind: 'list', start, items, end: this.#at };
  }

  #comma(closing: string): void {
    const comma = this.#at;
    if (this.#text[comma] !== ',') throw this.#fault(`expected "," or "${closing}", got ${this.#got()}`);
    this.#at += 1;
    this.#skip();
    if (this.#text[this.#at] === closing)
      throw new ArmJsonFault(`a comma with nothing after it before "${closing}"`, comma, 'remove the comma');
  }

  #quoted(): string {
    const start = this.#at;
    const quote = this.#text[start] ?? '"';
    let value = '';
    let from = start + 1;
    for (let at = from; ;) {
      const next = this.#text[at];
      if (next === undefined) throw new ArmJsonFault('a text that never ends: its closing quote is missing', start);
      if (next !== '\\' && next !== quote) {
        at += 1;
        continue;
      }
      value += this.#text.slice(from, at);
      if (next === quote) {
        this.#at = at + 1;
        return value;
      }
      const { character, length } = this.#escape(at);
      value += character;
      at += length;
      from = at;
    }
  }

  #escape(at: number): { character: string; length: number } {
    const letter = this.#text[at + 1] ?? '';
    const character = ESCAPES[letter];
    if (character !== undefined && (letter !== "'" || this.#lenient)) return { character, length: 2 };
    const hex = this.#text.slice(at + 2, at + 6);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) {
      const hint = 'a backslash in a text is written \\\\';
      throw new ArmJsonFault(`\\${letter} is no escape of JSON`, at, hint);
    }
    return { character: String.fromCharCode(Number.parseInt(hex, 16)), length: 6 };
  }

  #isQuote(character: string | undefined): boolean {
    return character === '"' || (this.#lenient && character === "'");
  }

  /** White space and comments. */
  #skip(): void {
    for (;;) {
      while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
      if (this.#text[this.#at] !== '/') return;
      const isLine = this.#text.startsWith('//', this.#at);
      if (!isLine && !this.#text.startsWith('/*', this.#at)) return;
      const end = this.#text.indexOf(isLine ? '\n' : '*/', this.#at + 2);
      if (end === -1 && !isLine) throw this.#fault('a comment that never ends: "*/" is missing');
      this.#at = end === -1 ? this.#text.length : end + (isLine ? 1 : 2);
    }
  }

  #got(): string {
    const next = this.#text.codePointAt(this.#at);
    return next === undefined ? 'the end of the file' : JSON.stringify(String.fromCodePoint(next));
  }

  #fault(message: string, hint?: string): ArmJsonFault {
    return new ArmJsonFault(message, this.#at, hint);
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
