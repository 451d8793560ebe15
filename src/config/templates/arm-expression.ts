/**
 * Reads the expression language of ARM templates into a tree: calls, texts in single quotes, whole numbers, and members
 * after them. Places count characters in the text that holds the expression.
 */
import { ArmJsonFault } from './arm-json-fault.ts';

export type ArmExpression =
  | { readonly kind: 'literal'; readonly at: number; readonly value: string | number }
  | {
      readonly kind: 'call';
      readonly at: number;
      /** As written, with the name space of a user's function. */
      readonly name: string;
      readonly args: readonly ArmExpression[];
    }
  | { readonly kind: 'member'; readonly at: number; readonly of: ArmExpression; readonly key: ArmExpression };

/** Longest that Azure takes. */
const LONGEST = 24_576;
const DEEPEST = 64;

/** In brackets as a whole; two opening ones stand for a text that begins with one. */
export function isExpression(text: string): boolean {
  return text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[');
}

/** What a text that is no expression stands for. */
export function unescapeText(text: string): string {
  return text.startsWith('[[') && text.endsWith(']') ? text.slice(1) : text;
}

/** Throws ArmJsonFault with the place in the text. */
export function parseExpression(text: string): ArmExpression {
  if (text.length > LONGEST)
    throw new ArmJsonFault(`the expression has ${text.length} characters, Azure takes ${LONGEST} at most`, 0);
  return new ExpressionReader(text).whole();
}

class ExpressionReader {
  readonly #text: string;
  #at = 1;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): ArmExpression {
    const expression = this.#expression(0);
    this.#skip();
    if (this.#at !== this.#text.length - 1) throw this.#fault(`expected the end of the expression, got ${this.#got()}`);
    return expression;
  }

  #expression(depth: number): ArmExpression {
    if (depth > DEEPEST) throw this.#fault(`the expression is nested deeper than ${DEEPEST} levels`);
    this.#skip();
    let expression = this.#primary(depth);
    for (let members = 0; ; members += 1) {
      this.#skip();
      const next = this.#next();
      if (next !== '.' && next !== '[') return expression;
      if (members >= DEEPEST) throw this.#fault(`more than ${DEEPEST} members in a row`);
      expression = next === '.' ? this.#named(expression) : this.#indexed(expression, depth);
    }
  }

  #primary(depth: number): ArmExpression {
    const at = this.#at;
    if (this.#next() === "'") return { kind: 'literal', at, value: this.#quoted() };
    const number = this.#match(/[+-]?\d+/y);
    if (number !== undefined) {
      if (this.#match(/\.\d/y) !== undefined)
        throw new ArmJsonFault('the expression has a number with a fraction', at, "write json('0.5')");
      if (!Number.isSafeInteger(Number(number))) throw new ArmJsonFault(`${number} is too large a number`, at);
      return { kind: 'literal', at, value: Number(number) };
    }
    const name = this.#match(/[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)?/y);
    if (name === undefined) throw this.#fault(`expected a function, a text or a number, got ${this.#got()}`);
    this.#skip();
    if (this.#next() === '(') return { kind: 'call', at, name, args: this.#args(depth) };
    const hint = ['true', 'false', 'null'].includes(name.toLowerCase())
      ? `write ${name}()`
      : `a text stands in single quotes; a parameter is parameters('${name}'), a variable variables('${name}')`;
    throw new ArmJsonFault(`expected "(" after ${name}, got ${this.#got()}`, at, hint);
  }

  #args(depth: number): ArmExpression[] {
    const opened = this.#at;
    const args: ArmExpression[] = [];
    this.#at += 1;
    this.#skip();
    while (this.#next() !== ')') {
      if (args.length > 0) {
        if (this.#next() === undefined) throw new ArmJsonFault('")" is missing for this "("', opened);
        if (this.#next() !== ',') throw this.#fault(`expected "," or ")", got ${this.#got()}`);
        this.#at += 1;
      } else if (this.#next() === undefined) throw new ArmJsonFault('")" is missing for this "("', opened);
      args.push(this.#expression(depth + 1));
      this.#skip();
    }
    this.#at += 1;
    return args;
  }

  #named(of: ArmExpression): ArmExpression {
    const at = this.#at;
    this.#at += 1;
    this.#skip();
    const value = this.#match(/[A-Za-z_$][\w$-]*/y);
    if (value === undefined) throw this.#fault(`expected the name of a member after ".", got ${this.#got()}`);
    return { kind: 'member', at, of, key: { kind: 'literal', at: at + 1, value } };
  }

  #indexed(of: ArmExpression, depth: number): ArmExpression {
    const at = this.#at;
    this.#at += 1;
    const key = this.#expression(depth + 1);
    this.#skip();
    if (this.#next() !== ']') throw this.#fault(`expected "]" after the index, got ${this.#got()}`);
    this.#at += 1;
    return { kind: 'member', at, of, key };
  }

  /** A quote within is doubled. */
  #quoted(): string {
    const start = this.#at;
    const found = this.#match(/'(?:[^']|'')*'/y);
    // The bracket that closes the expression is not part of it.
    if (found === undefined || this.#at > this.#text.length - 1)
      throw new ArmJsonFault('a text without its closing quote', start, "a quote within a text is written ''");
    return found.slice(1, -1).replaceAll("''", "'");
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** Undefined at the bracket that closes the expression. */
  #next(): string | undefined {
    return this.#at >= this.#text.length - 1 ? undefined : this.#text[this.#at];
  }

  #skip(): void {
    while (/\s/.test(this.#next() ?? 'x')) this.#at += 1;
  }

  #got(): string {
    const next = this.#next();
    return next === undefined ? 'the end of the expression' : JSON.stringify(next);
  }

  #fault(message: string): ArmJsonFault {
    return new ArmJsonFault(message, this.#at);
  }
}
