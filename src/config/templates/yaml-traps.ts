/**
 * Plain values that `az container create --file` reads otherwise than this file is read here: az goes by YAML 1.1, where
 * `yes` is true and `010` is 8. Here they are what YAML 1.2 says; each is told, so that nobody finds out from Azure. Pure.
 */
import { isScalar, LineCounter, parseDocument, visit } from 'yaml';

/** As PyYAML has them, which is what az reads with. */
const TRAPS: readonly (readonly [form: RegExp, reads: (text: string) => string])[] = [
  [/^(?:yes|Yes|YES|on|On|ON)$/, () => 'true'],
  [/^(?:no|No|NO|off|Off|OFF)$/, () => 'false'],
  [/^[-+]?0[0-7_]+$/, (text) => String(Number.parseInt(text.replaceAll('_', ''), 8))],
  [/^[-+]?0[0-9]*[89][0-9]*$/, () => 'text'],
  [/^[-+]?[1-9][0-9]*_[0-9_]*$/, (text) => text.replaceAll('_', '')],
  [/^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/, (text) => String(sexagesimal(text))],
];
/** Whether it is worth while to look closer. */
const MAYBE =
  /(?:^|[\s,[:])(?:yes|no|on|off|[-+]?0[\d_]+|[-+]?\d+_[\d_]*|[-+]?\d[\d_]*(?::\d+)+)(?=\s*(?:$|[,\]}#]))/im;
const MOST = 20;

/** `shown` is the path in messages. What is no YAML has no traps. */
export function yamlTraps(text: string, shown: string): readonly string[] {
  if (!MAYBE.test(text)) return [];
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  if (document.errors.length > 0) return [];
  const found: string[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || !isScalar(node) || node.type !== 'PLAIN' || node.source === undefined) return undefined;
      const trap = TRAPS.find(([form]) => form.test(node.source ?? ''));
      if (trap === undefined) return undefined;
      const { line, col } = counter.linePos(node.range?.[0] ?? 0);
      const here = typeof node.value === 'string' ? 'text' : String(node.value);
      const there = trap[1](node.source);
      if (here === there) return undefined;
      found.push(
        `${shown}:${line}:${col}: ${node.source} is ${here} here, and ${there} for az; quote it, or write what is meant`,
      );
      return found.length === MOST ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** `22:30` is 1350. */
function sexagesimal(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const parts = text.replaceAll(/[-+_]/g, '').split(':').map(Number);
  return sign * parts.reduce((sum, part) => sum * 60 + part, 0);
}
