/** What is wanted of a number, written as `< 0.01` or `>= 5`. NaN fulfils no condition, and breaks none. */

export const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Condition {
  readonly op: Operator;
  readonly value: number;
}

const CONDITION = /^\s*(<=|>=|==|!=|<|>)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*$/i;

/** Undefined where the text is no condition, or its number is out of range. */
export function parseCondition(text: string): Condition | undefined {
  const match = CONDITION.exec(text);
  const op = OPERATORS.find((operator) => operator === match?.[1]);
  const value = Number(match?.[2]);
  return op === undefined || !Number.isFinite(value) ? undefined : { op, value };
}

export function conditionText({ op, value }: Condition): string {
  return `${op} ${value}`;
}

/** `number` is not NaN; infinities count as numbers. */
export function holds({ op, value }: Condition, number: number): boolean {
  switch (op) {
    case '<':
      return number < value;
    case '<=':
      return number <= value;
    case '>':
      return number > value;
    case '>=':
      return number >= value;
    case '==':
      return number === value;
    case '!=':
      return number !== value;
  }
}
